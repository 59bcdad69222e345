"""A dozen lines as a system might write them, and two references for each."""

from __future__ import annotations

HYPS = [
    "A man in a blue shirt is standing on a ladder and cleaning a window.",
    "Two young, white men are outside near many bushes.",
    "A little girl climbs into a wooden playhouse.",
    "The dog runs through the snow , it seems .",
    "Several men in hard hats operate a giant pulley system.",
    "A boy stands on three feet of ice",
    "",
    "People sit in the café and drink.",
    "An Asian man wearing a black suit stands near a dark-haired woman.",
    "the QUICK brown fox jumped over the lazy dogs",
    "Five people wearing winter jackets and helmets stand in the snow with snowmobiles.",
    "He earned 3,500.50 dollars in the year 2,000.",
]
FIRST = [
    "A man in a blue shirt is standing on a ladder cleaning a window.",
    "Two young, White males are outside near many bushes.",
    "A little girl climbing into a wooden playhouse.",
    "A dog is running in the snow.",
    "Several men in hard hats are operating a giant pulley system.",
    "A boy stands on three feet of snow.",
    "A woman is asleep.",
    "People are sitting in a café, drinking.",
    "An Asian man wearing a black suit stands near a dark-haired woman and a brown-haired woman.",
    "The quick brown fox jumps over the lazy dog.",
    "Five people in winter jackets and helmets stand in the snow, with snowmobiles in the background.",
    "He earned 3,500.50 dollars in 2000.",
]
SECOND = [
    "A man on a ladder cleans the window.",
    "Two men stand outside by the bushes.",
    "A girl climbs into a playhouse made of wood.",
    "The dog runs through snow, it seems.",
    "Men in hard hats work with a big pulley.",
    "A boy is standing on ice.",
    "A woman sleeps.",
    "There are people in the café.",
    "A man in a black suit is next to a woman.",
    "Quickly the fox jumped over the dogs.",
    "Five persons with helmets are in the snow.",
    "In the year 2000 he made 3,500.50 dollars.",
]
