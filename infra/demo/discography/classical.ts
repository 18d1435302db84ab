import { type Act, album, ep, hit, single } from '../act.ts'

export const classical: readonly Act[] = [
  {
    name: 'Agnieszka Wrona',
    country: 'PL',
    genres: ['classical'],
    fame: 4,
    releases: [
      album('Preludia zimowe', '2016-01', [
        'Preludium I (Szron)',
        'Preludium II (Okno)',
        'Preludium III (Sanie)',
        'Preludium IV (Gołębie)',
        hit('Preludium V (Odwilż)'),
        'Etiuda w starym domu',
        'Nokturn na Saskiej Kępie',
      ]),
      album('Letters in White Keys', '2022-11', [
        'First Letter',
        'Second Letter (Unsent)',
        'Paper & Felt',
        'Waltz for My Mother',
        'What Love Leaves',
        'Third Letter',
        hit('Postscript'),
      ]),
    ],
  },
  {
    name: 'Matthias Lindenhof',
    country: 'DE',
    genres: ['classical'],
    fame: 3,
    releases: [
      album('Neun kleine Stücke', '2010-03', [
        'Ankunft',
        'Treppenhaus',
        'Im Regen stehen',
        hit('Kleiner Walzer'),
        'Fenster nach Norden',
        'Staub',
        'Erinnerung an Lindau',
        'Atemzug',
        'Abschied',
      ]),
      single('Winterlicht', '2024-01'),
    ],
  },
  {
    name: 'Quatuor Hirondelle',
    country: 'FR',
    genres: ['classical'],
    fame: 2,
    releases: [
      album('Carnet de nuit', '2014-02', [
        'Carnet de nuit: I. Lento',
        'Carnet de nuit: II. Agitato',
        'Carnet de nuit: III. Berceuse',
        'Carnet de nuit: IV. Allegretto',
        'Deux chansons sans paroles: No. 1',
        'Deux chansons sans paroles: No. 2',
      ]),
      ep("Études d'oiseaux", '2020-03', ["L'hirondelle", 'Le merle', 'La mésange', 'Le rossignol']),
    ],
  },
  {
    name: 'Eleanor Pask',
    country: 'GB',
    genres: ['classical', 'ambient'],
    fame: 3,
    releases: [
      album('Music for Unfinished Houses', '2019-03', [
        'Foundations',
        'Stairwell',
        'Attic Window',
        'Blueprint',
        'Scaffolding',
        hit('The Room We Never Painted'),
        'Slate',
        'Keys',
      ]),
      single('Estuary', '2026-10', ['Estuary', 'Estuary (Solo Piano)']),
    ],
  },
]
