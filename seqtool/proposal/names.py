"""What names say: of files (which role, which side), of columns (which side, which language, no text at all)."""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["train", "valid", "test"]

_ROLES: dict[str, Role] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("valid", "validation", "validate", "val", "dev", "devel", "development", "newsdev"), "valid"),
    **dict.fromkeys(("test", "testing", "tst", "newstest", "eval", "evaluation"), "test"),
}

# Code of ISO 639-1: other codes and names under which it appears.
_LANGUAGES = {
    "af": "Afrikaans afr",
    "ar": "Arabic ara",
    "be": "Belarusian bel",
    "bg": "Bulgarian bul",
    "bn": "Bengali ben",
    "ca": "Catalan cat",
    "cs": "Czech ces cze cz",
    "cy": "Welsh cym wel",
    "da": "Danish dan",
    "de": "German deu ger deutsch",
    "el": "Greek ell gre",
    "en": "English eng englisch",
    "es": "Spanish spa espanol",
    "et": "Estonian est",
    "eu": "Basque eus",
    "fa": "Persian fas per farsi",
    "fi": "Finnish fin",
    "fr": "French fra fre francais",
    "ga": "Irish gle",
    "gl": "Galician glg",
    "gu": "Gujarati guj",
    "ha": "Hausa hau",
    "he": "Hebrew heb",
    "hi": "Hindi hin",
    "hr": "Croatian hrv",
    "hu": "Hungarian hun",
    "hy": "Armenian hye",
    "id": "Indonesian ind",
    "ig": "Igbo ibo",
    "is": "Icelandic isl ice",
    "it": "Italian ita italiano",
    "ja": "Japanese jpn jp",
    "ka": "Georgian kat",
    "kk": "Kazakh kaz",
    "km": "Khmer khm",
    "ko": "Korean kor kr",
    "la": "Latin lat",
    "lb": "Luxembourgish ltz",
    "lo": "Lao",
    "lt": "Lithuanian lit",
    "lv": "Latvian lav",
    "mk": "Macedonian mkd",
    "ml": "Malayalam mal",
    "mr": "Marathi mar",
    "ms": "Malay msa",
    "mt": "Maltese mlt",
    "my": "Burmese mya",
    "ne": "Nepali nep",
    "nl": "Dutch nld dut",
    "no": "Norwegian nor",
    "nb": "Bokmal nob",
    "nn": "Nynorsk nno",
    "oc": "Occitan oci",
    "pa": "Punjabi pan",
    "pl": "Polish pol",
    "ps": "Pashto pus",
    "pt": "Portuguese por portugues",
    "ro": "Romanian ron rum",
    "ru": "Russian rus",
    "si": "Sinhala sin",
    "sk": "Slovak slk slo",
    "sl": "Slovene slv slovenian",
    "so": "Somali som",
    "sq": "Albanian sqi",
    "sr": "Serbian srp",
    "sv": "Swedish swe",
    "sw": "Swahili swa",
    "ta": "Tamil tam",
    "te": "Telugu tel",
    "th": "Thai tha",
    "tl": "Tagalog tgl",
    "tr": "Turkish tur",
    "uk": "Ukrainian ukr",
    "ur": "Urdu urd",
    "uz": "Uzbek uzb",
    "vi": "Vietnamese vie",
    "xh": "Xhosa xho",
    "yo": "Yoruba yor",
    "zh": "Chinese zho chi cn cmn",
    "zu": "Zulu zul",
}
_CODES = {word.lower(): code for code, words in _LANGUAGES.items() for word in (code, *words.split())}
# Those that put no spaces between words.
UNSPACED = ("zh", "ja", "th", "km", "lo", "my")

# Names that say which side, in pairs.
SIDES = (
    ("src", "tgt"),
    ("src", "trg"),
    ("source", "target"),
    ("source_text", "target_text"),
    ("src_text", "tgt_text"),
    ("source_sentence", "target_sentence"),
    ("source", "translation"),
    ("original", "translation"),
    ("text", "translation"),
    ("input", "output"),
    ("input_text", "target_text"),
)
# What is summarized and what summarizes, the surest first: a text may have a summary and a title.
DOCUMENTS = (
    "article",
    "document",
    "documents",
    "dialogue",
    "dialog",
    "body",
    "email_body",
    "text",
    "content",
    "story",
    "transcript",
    "report",
    "maintext",
    "main_text",
    "full_text",
    "fulltext",
    "passage",
    "conversation",
    "source",
    "input",
    "post",
    "news",
    "meeting",
    "meeting_transcript",
    "chapter",
    "paper",
    "bill",
    "description",
    "paragraph",
)
SUMMARIES = (
    "summary",
    "highlights",
    "highlight",
    "abstract",
    "abstractive_summary",
    "tldr",
    "tl_dr",
    "short_summary",
    "subject",
    "subject_line",
    "headline",
    "title",
    "gist",
    "lead",
    "teaser",
)
# What is never translated, whatever it looks like; a first row that holds such names is a header.
_OTHERS = (
    "id",
    "idx",
    "index",
    "uid",
    "uuid",
    "key",
    "no",
    "number",
    "nr",
    "row",
    "line",
    "score",
    "scores",
    "bleu",
    "laser_score",
    "similarity",
    "quality",
    "label",
    "labels",
    "class",
    "category",
    "topic",
    "domain",
    "genre",
    "lang",
    "language",
    "src_lang",
    "tgt_lang",
    "date",
    "time",
    "timestamp",
    "year",
    "url",
    "link",
    "href",
    "file",
    "filename",
    "path",
    "split",
    "speaker",
    "author",
    "authors",
    "publisher",
    "source_url",
    "license",
    "length",
)


def plain(name: str) -> str:
    """A name in small letters, words joined by `_`: `Subject Line` is `subject_line`."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def last_part(name: str) -> str:
    """What a dotted path leads to, plain."""
    return plain(name.rpartition(".")[2])


def role_of(name: str) -> Role | None:
    """The role that a file's or split's name says: `test_2016_flickr.de` is a test set."""
    words = re.findall(r"[a-z]+", name.lower())
    return next((_ROLES[word] for word in words if word in _ROLES), None)


def language_code(word: str) -> str | None:
    """The ISO 639-1 code that a word stands for: `de`, `deu`, `German` and `de_DE` are de."""
    return _CODES.get(re.sub(r"[_-]([A-Za-z]{2}|[A-Za-z]{4})$", "", word).lower()) or _CODES.get(plain(word))


def language_name(code: str) -> str:
    """`de` is German."""
    return _LANGUAGES[code].split()[0]


def column_language(name: str) -> str | None:
    """The language a column's name says: `de`, `text_de`, `sentence_deu_Latn`, `translation.de`, `src_de`, `German`."""
    last = name.rpartition(".")[2].strip()
    sides = "text|sentence|sent|src|source|tgt|trg|target|translation|line|segment"
    bare = re.sub(rf"^(?:{sides})[ _-]|[ _-](?:{sides})$", "", last, flags=re.IGNORECASE)
    return language_code(bare)


def file_side(stem: str) -> tuple[str, str] | None:
    """What of a file's name says its side (a language, or src, article and the like), and the rest that its counterpart shares:
    `train.de` is `de` of `train`, and `src-train` is `src` of `train`."""
    known = {side for pair in SIDES for side in pair} | set(DOCUMENTS) | set(SUMMARIES)
    parts = re.split(r"([._-])", stem)
    for part, rest in ((parts[-1], parts[:-2]), (parts[0], parts[2:])):
        if part and (part.lower() in known or language_code(part)):
            return part, "".join(rest)
    return None


def is_column_name(text: str) -> bool:
    """Whether a cell of a first row is a column's name that one meets."""
    word = plain(text)
    sides = {side for pair in SIDES for side in pair}
    return word in sides or word in (*DOCUMENTS, *SUMMARIES, *_OTHERS) or column_language(text) is not None


def is_other(name: str) -> bool:
    """Whether a column's name says that it is no text to learn from."""
    return last_part(name) in _OTHERS
