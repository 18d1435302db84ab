import { type Act, album, ep, hit, single } from '../act.ts'

export const cityPop: readonly Act[] = [
  {
    key: 'kisaragi-harumi',
    name: '如月ハルミ',
    country: 'JP',
    genres: ['city-pop', 'pop'],
    fame: 4,
    releases: [
      album('Midnight Parking', '2001-07', [
        hit('Midnight Parking'),
        '雨のハイウェイ',
        hit('Telephone Love'),
        '窓辺のカクテル',
        'Sunset Coupe',
        '木曜日の恋人',
        'Mirror Ball',
        '夏の忘れ物',
      ]),
      single('ネオンの海', '2024-09', ['ネオンの海', 'ネオンの海 (Instrumental)']),
    ],
  },
  {
    name: 'Marine Boulevard',
    country: 'JP',
    genres: ['city-pop', 'soul'],
    fame: 3,
    releases: [
      album('Pacific Standard', '2016-08', [
        'Pacific Standard',
        'Cruise Control',
        'Palm Shadow',
        hit('Aqua Line'),
        'Blue Convertible',
        'Weekend Love Affair',
        'Harbor Lights',
        'Good Night, Yokohama',
      ]),
    ],
  },
  {
    key: 'shichigatsu-shoten',
    name: '七月書店',
    country: 'JP',
    genres: ['city-pop', 'indie-pop'],
    fame: 3,
    releases: [
      album('読みかけの夏', '2019-07', [
        hit('読みかけの夏'),
        '栞',
        '文庫本とソーダ水',
        '坂道',
        '返却期限',
        '古本市',
        '夕立',
        'あとがき',
      ]),
      ep('八月の在庫', '2022-08', ['八月の在庫', '風鈴', '自転車', 'さよなら、また来週']),
    ],
  },
  {
    name: 'Seaside Telephone',
    country: 'US',
    genres: ['city-pop', 'electronic'],
    fame: 3,
    releases: [
      ep('Long Distance', '2018-04', [hit('Long Distance'), 'Dial Tone', 'Collect Call', 'Hang Up First']),
      album('Operator', '2023-07', [
        'Operator',
        'Area Code',
        'Coral Satin',
        'Love, Call Waiting',
        'Party Line',
        'Busy Signal',
        'Palm Reader',
        'Answering Machine',
      ]),
    ],
  },
]
