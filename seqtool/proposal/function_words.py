"""The most frequent function words of languages, and the letters that they add to those of their script: what a language is guessed by.

Written from general knowledge. Of each language the commonest word comes first, as `Profile.words` relies on. Languages that nobody is
likely to train on are here too, where another one would be guessed in their place: Nynorsk, Galician, Afrikaans, Luxembourgish.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from seqtool.proposal.latin_words import LATIN


@dataclass(frozen=True)
class Profile:
    """`letters` beyond those that all languages of the script have, and `text`, the function words."""

    letters: str
    text: str

    @cached_property
    def words(self) -> dict[str, int]:
        """Each word with its rank, from 0."""
        ranks: dict[str, int] = {}
        for word in self.text.split():
            ranks.setdefault(word, len(ranks))
        return ranks


_CYRILLIC = {
    "be": Profile(
        "йыьэюяёіў",
        "і ў на не што з у да як гэта а па за ён я але ад яго для ці было яны мы была так толькі быў калі пра таксама іх яна каб ужо яшчэ",
    ),
    "bg": Profile(
        "ийщъьюя",
        "и на да в не се от за е са с ще това като по той но ли си че ми му до или аз при беше още само има ни ти а го те какво което ако"
        " как съм много",
    ),
    "mk": Profile(
        "иѓѕјљњќџѐѝ",
        "и на во да се од за е со не ќе што го ја тоа како по ги тој но или му беше има сум ние при само јас кои оваа овој сите бил уште"
        " ако",
    ),
    "ru": Profile(
        "ийщъыьэюяё",
        "и в не на что с он как это по я к но из у за от все так она о же то был для ты бы вы его мы их мне было есть или если только уже"
        " нет когда они ещё еще очень при чтобы",
    ),
    "sr": Profile(
        "иђјљњћџ",
        "и у је да се на за су са од а као који не што то ће из о али није бити по би сам како ли само све ми он до или још може јер шта"
        " када",
    ),
    "uk": Profile(
        "ийщьюяіїєґ",
        "і в на не що з до та у як це за я він але від про й по а є для ми так ти його все був їх або вже вона коли якщо було тільки ще"
        " дуже мене щоб бо цього",
    ),
}
_ARABIC = {
    "ar": Profile(
        "يكةىأإؤئآ",
        "في من على أن إلى التي عن لا ما هذا الذي كان مع هذه و أو كل ذلك بين لم بعد قد إن هو هي كما كانت قال حيث عند غير أي منذ لكن خلال وقد"
        " ثم إذا يكون",
    ),
    "fa": Profile(
        "پچژگکیآأئ",
        "و در به از که این را با است برای آن یک خود تا بر هم می شود شده کرد ها ما اما یا دارد بود باید او من هر بین پس اگر نیز همه کند شد",
    ),
    "ps": Profile("پچژکیآټډړږښګڼېۍځڅئي", "د په چې او له دی ته سره کې کړي شوي نه يې دا خو هم څخه وو شي"),
    "ur": Profile(
        "پچژگکیٹڈڑںھہےآئؤۂۓ",
        "کے کی میں ہے اور سے کا کو اس نے کہ پر ہیں یہ بھی وہ ایک تھا جو نہیں ہو گیا لئے کیا لیے ان تھی کر تھے ہی تو ہوئے تک اپنے بعد",
    ),
}
_DEVANAGARI = {
    "hi": Profile(
        "",
        "के में की है से को का और ने पर कि यह हैं भी एक नहीं तो कर इस लिए हो गया था जो वह साथ या तक अपने करने थे रहा",
    ),
    "mr": Profile("", "आहे आणि या व ते हा की ही तो नाही त्या मी हे एक होते होता असे पण आहेत झाली केली त्यांनी काही मला"),
    "ne": Profile("", "छ र को मा पनि हो यो भने गर्न छन् लागि एक गरेको थियो तर भएको त्यो म यस उनी छैन गरे"),
}

# By script, the letters that all of its languages have, and the languages.
PROFILES: dict[str, tuple[str, dict[str, Profile]]] = {
    "Latin": ("abcdefghijklmnopqrstuvwxyz", {code: Profile(*each) for code, each in LATIN.items()}),
    "Cyrillic": ("абвгдежзклмнопрстуфхцчш", _CYRILLIC),
    "Arabic": ("ابتثجحخدذرزسشصضطظعغفقلمنهوء", _ARABIC),
    "Devanagari": ("", _DEVANAGARI),
}
