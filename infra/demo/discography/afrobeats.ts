import { type Act, album, ep, explicit, hit, single } from '../act.ts'

export const afrobeats: readonly Act[] = [
  {
    name: 'Kwesi Ampah',
    country: 'GH',
    genres: ['afrobeats', 'pop'],
    fame: 4,
    releases: [
      album('Accra Nights Only', '2021-12', [
        hit('Accra Nights'),
        'Osu',
        'Sweet Pepper',
        hit('Love Me Like Highlife'),
        'Tro-Tro',
        'Kelewele',
        'Makola',
        'Shine',
      ]),
      single('Enjoyment Minister', '2026-11', [hit('Enjoyment Minister', { feat: ['adaeze-nwoye'] })]),
    ],
  },
  {
    name: 'Adaeze Nwoye',
    country: 'NG',
    genres: ['afrobeats', 'r-and-b'],
    fame: 4,
    releases: [
      album('Daughter of Thursday', '2024-05', [
        'Daughter of Thursday',
        'Coal City',
        hit('Nkem'),
        'Crown',
        explicit('No Be Lie'),
        'Table for Two Aunties',
        'Rain',
        'Settle Down',
      ]),
    ],
  },
  {
    name: 'Lagos Sound Bureau',
    country: 'NG',
    genres: ['afrobeats', 'jazz'],
    fame: 3,
    releases: [
      album('Traffic Report', '2009-07', [
        'Traffic Report',
        'Third Mainland',
        'Go-Slow',
        'Generator',
        'Molue Blues',
        hit('Bureau Chief'),
        'Long Queue, Short Fuel',
        "Area Boys' Parliament",
      ]),
      ep('Horn Section Overtime', '2017-07', ['Overtime', 'Horn Please', 'Danfo', "Oga's Lament"]),
    ],
  },
  {
    name: 'Thandeka Mokoena',
    country: 'ZA',
    genres: ['afrobeats', 'house'],
    fame: 3,
    releases: [
      album('Jozi Gold', '2019-12', [
        'Jozi Gold',
        'Vilakazi',
        hit('Log Drum Prayer'),
        'Khumbula',
        'Maboneng',
        'Taxi Sign Language',
        'Mama Wam',
        'Sunrise on Louis Botha',
      ]),
      single('Ilanga lethu', '2025-11'),
    ],
  },
]
