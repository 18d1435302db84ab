import { type Act, album, ep, explicit, hit, single } from '../act.ts'

export const rAndB: readonly Act[] = [
  {
    name: 'Imani Rowe',
    country: 'US',
    genres: ['r-and-b', 'soul'],
    fame: 5,
    releases: [
      album('Slow Answers', '2021-06', [
        'Slow Answers',
        'Read Receipt',
        hit('Honeycomb'),
        hit('Love Me in Lowercase'),
        'Bath Water',
        explicit('Do Not Disturb'),
        'Gold',
        '3 A.M. Sermon',
        'Patience',
        'Stay',
      ]),
      ep('After the Afterparty', '2024-11', [
        'Cab Home',
        'Makeup Wipes',
        explicit('Still Got My Heels On'),
        'Rain',
      ]),
      single('Tangerine', '2026-10', [hit('Tangerine')]),
    ],
  },
  {
    name: 'Jonah Vesper',
    country: 'GB',
    genres: ['r-and-b'],
    fame: 3,
    releases: [
      album('Blue Hour Etiquette', '2018-05', [
        'Blue Hour',
        'Etiquette',
        'Second Glass',
        'Undress the Silence',
        'Friend of a Friend',
        hit('Love You Quietly'),
        'Bedroom Astronomer',
        'Lights Low',
      ]),
      single('Nocturnal Animal', '2023-10'),
    ],
  },
  {
    name: 'Sable & June',
    country: 'CA',
    genres: ['r-and-b', 'pop'],
    fame: 3,
    releases: [
      ep('Duplex', '2019-08', ['Thin Walls', 'Upstairs', hit('Your Key Still Works'), 'Moving Day']),
      album('Married to the Weather', '2023-02', [
        'Forecast',
        'Warm Front',
        'Married to the Weather',
        'Umbrella Drink',
        'Grown',
        'Love After Lunch',
        'Barometer',
        'Clearing',
      ]),
    ],
  },
  {
    key: 'bamui-suyeongjang',
    name: '밤의 수영장',
    country: 'KR',
    genres: ['r-and-b', 'city-pop'],
    fame: 3,
    releases: [
      album('수심 2미터', '2021-08', [
        '입수',
        '수심 2미터',
        'Blue Tile',
        hit('물결'),
        '숨',
        'Underwater Call',
        '새벽 세 시',
        '젖은 머리',
      ]),
      single('여름밤의 끝', '2026-09'),
    ],
  },
]
