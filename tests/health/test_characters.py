"""What is text read in the wrong encoding, and what only looks like it."""

from __future__ import annotations

import pytest

from seqtool.health.characters import CharacterTables, codes_of


@pytest.fixture(scope="module")
def tables() -> CharacterTables:
    return CharacterTables()


def looks_wrong(tables: CharacterTables, line: str) -> bool:
    """Whether a line is found among others that are well."""
    found = tables.troubles(*codes_of(["", line, "plain"])).get("mojibake", [])
    assert set(found) <= {1}
    return len(found) > 0


@pytest.mark.parametrize(
    "line",
    [
        "»KOM IGJEN, SE PÅ»",  # Norwegian and Swedish: a last letter, and a quote
        "“ONDE ESTÁ A MINHA IRMÃ”",  # Portuguese
        "HVA SER DU PÅ…",
        "HVA SER DU PÅ… SI DET",
        "“AMANHÃ”, DISSE ELA",
        "SE PÅ—NEI",  # a dash between words
        "AMANHÃ— DISSE",
        "PÅ\u00a020 MINUTTER",
        "NÅ PÅ\u00a0NORSK",
        "‘SE PÅ’.",
        "DE SÅ–",
        "Å… herregud",  # a word by itself
        "«Å»",
        "Å",
        "IRMÃ",
        "Se på» den blå… og spå”",
        "Âme, mâle, Ångström, São Paulo",
    ],
)
def test_capitals_before_punctuation_are_no_trouble(line: str, tables: CharacterTables) -> None:
    assert not looks_wrong(tables, line)


@pytest.mark.parametrize(
    "line",
    [
        "größer",
        "Übung",
        "KÄSE",
        "MÜNCHEN",
        "GRÖSSE",
        "ESPAÑA",
        "CANCIÓN",
        "UN CAFÉ",
        "HÔTEL",
        "CŒUR",
        "MOŻE",
        "DŮM",
        "KOŻUCH",
        "SMÅTT OG BLÅTT",
        "se på, så blå",
        "à la carte",
        "Škoda",
        "naïve",
        "Noël",
        "« mot »",
        "BONJOUR\u00a0: «MOT»",
        "it’s “so”",
        "10\u00a0000",
        "Więcej ciśnień",
    ],
)
def test_text_read_in_the_wrong_encoding_is_found(line: str, tables: CharacterTables) -> None:
    assert not looks_wrong(tables, line)
    assert looks_wrong(tables, line.encode().decode("cp1252", "replace"))
