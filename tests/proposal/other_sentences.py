"""Text in languages that nobody guesses, and text in none: names, invoices, programs."""

from __future__ import annotations

# Languages that are not known: the right answer is none.
OTHERS: dict[str, list[str]] = {
    "Azerbaijani": [
        "Dünən bütün gün yağış yağdı və biz evdə qaldıq.",
        "O, ona bir məktub yazdı, amma o cavab vermədi.",
        "Bu gün bazarda təzə balıq var və tərəvəz də çoxdur.",
    ],
    "Kazakh": [
        "Кеше күні бойы жаңбыр жауды, біз үйде қалдық.",
        "Ол оған хат жазды, бірақ ол жауап бермеді.",
        "Бүгін базарда жаңа балық пен көкөніс көп.",
    ],
    "Esperanto": [
        "Hieraŭ pluvis la tutan tagon kaj ni restis hejme.",
        "Ŝi skribis al li leteron, sed li ne respondis.",
        "Hodiaŭ estas freŝa fiŝo kaj multe da legomoj en la bazaro.",
    ],
    "Yoruba": [
        "Ana òjò rọ̀ ní gbogbo ọjọ́ a sì wà nílé.",
        "Ó kọ lẹ́tà sí i, ṣùgbọ́n kò dáhùn.",
        "Ẹja tútù wà ní ọjà lónìí.",
    ],
    "Hausa": [
        "Jiya an yi ruwan sama duk rana kuma muka zauna a gida.",
        "Ta rubuta masa wasika amma bai amsa ba.",
        "Yau akwai sabon kifi da kayan lambu da yawa a kasuwa.",
    ],
    "Somali": [
        "Shalay maalintii oo dhan ayaa roob da'ay waxaana joognay guriga.",
        "Warqad bay u qortay laakiin ma uusan jawaabin.",
        "Maanta suuqa waxaa yaalla kalluun cusub iyo khudaar badan.",
    ],
    "Zulu": [
        "Izolo belina imvula usuku lonke futhi sasihlala ekhaya.",
        "Wambhalela incwadi kodwa akaphendulanga.",
        "Namuhla kukhona inhlanzi entsha nemifino eminingi emakethe.",
    ],
    "Uzbek": [
        "Kecha kun bo'yi yomg'ir yog'di va biz uyda qoldik.",
        "U unga xat yozdi, lekin u javob bermadi.",
        "Bugun bozorda yangi baliq va sabzavot ko'p.",
    ],
    "Breton": [
        "Dec'h e oa glav e-pad an deiz hag omp chomet er gêr.",
        "Skrivet he deus ul lizher dezhañ met n'en deus ket respontet.",
        "Hiziv ez eus pesked fresk ha kalz a legumaj er marc'had.",
    ],
    "Occitan": [
        "Ièr ploguèt tota la jornada e demorèrem a l'ostal.",
        "Ela li escriguèt una letra, mas el respondèt pas.",
        "Uèi i a de peis fresc e fòrça legums al mercat.",
    ],
    "words": [
        "Invoice 2024-117",
        "Re: Q3 budget v2 final",
        "KLM, BASF, Zürich, Nestlé",
    ],
    "names": [
        "Anna Schmidt",
        "Jean Dupont",
        "Maria de la Cruz",
        "John van Dyk",
    ],
    "code": [
        "for (int i = 0; i < n; i++) { a[i] = b; }",
        "import os, sys",
        "x = foo(bar, baz) or None",
    ],
}
