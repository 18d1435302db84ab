import { type Act, album, ep, hit } from '../act.ts'

export const ambient: readonly Act[] = [
  {
    name: 'Hafsól',
    country: 'IS',
    genres: ['ambient'],
    fame: 4,
    releases: [
      album('Undir ís', '2015-01', [
        'Undir ís',
        'Brim',
        'Logn',
        'Selalátur',
        hit('Þoka'),
        'Fjara',
        'Miðnætti',
        'Heim',
      ]),
      album(
        'Ljósár',
        '2023-11',
        ['Dögun', 'Ljósár', 'Skuggsjá', 'Norðurljós'],
        ['Rökkur', 'Djúp', 'Kyrrð', 'Aftur'],
      ),
    ],
  },
  {
    name: 'Þóra Vatnsdal',
    country: 'IS',
    genres: ['ambient', 'classical'],
    fame: 3,
    releases: [
      album('Bréf til hafsins', '2018-02', [
        'Bréf til hafsins',
        'Gluggi',
        'Snjóél',
        'Amma',
        hit('Vögguvísa'),
        'Steinn',
        'Svartisandur',
      ]),
      ep('Four Rooms', '2022-09', [
        'The Blue Room',
        'The Room With the Piano',
        'The Room Where We Waited',
        'The Room Facing North',
      ]),
    ],
  },
  {
    name: 'Slow Cartographer',
    country: 'CA',
    genres: ['ambient', 'electronic'],
    fame: 3,
    releases: [
      album('Contour Lines', '2011-08', [
        'Datum',
        'Contour Lines',
        'Watershed',
        'Tree Line',
        hit('Magnetic North'),
        'Portage',
        'Unnamed Lake',
      ]),
      album('Sleep Atlas', '2021-02', [
        'Drift Plate',
        'Sleep Atlas',
        'Isobar',
        'Soft Borders',
        'Love as a Distant Shore',
        'Latitude',
        'Blank Spaces on the Map',
      ]),
    ],
  },
  {
    key: 'todai-radio',
    name: '灯台ラジオ',
    country: 'JP',
    genres: ['ambient'],
    fame: 3,
    releases: [
      album('深夜放送', '2020-12', [
        '開始の合図',
        '霧の周波数',
        '灯り',
        '遠い船',
        '潮位',
        hit('眠れない人へ'),
        '放送終了',
      ]),
      ep('岬', '2024-08', ['岬', '風待ち', '白い階段', '夜明け前']),
    ],
  },
  {
    name: 'Mondlicht Institut',
    country: 'DE',
    genres: ['ambient', 'classical'],
    fame: 2,
    releases: [
      album('Versuche über die Stille', '2012-11', [
        'Versuch I (Atem)',
        'Versuch II (Glas)',
        'Versuch III (Moos)',
        'Versuch IV (Regen)',
        'Versuch V (Nacht)',
        'Nachwort',
      ]),
    ],
  },
]
