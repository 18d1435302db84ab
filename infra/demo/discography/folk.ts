import { type Act, album, ep, hit, single } from '../act.ts'

export const folk: readonly Act[] = [
  {
    name: 'Tove Almgren',
    country: 'SE',
    genres: ['folk'],
    fame: 3,
    releases: [
      album('Skogens räkenskaper', '2017-10', [
        'Skogens räkenskaper',
        'Barkbåt',
        'Tranor',
        'Visa till en syster',
        'Första frosten',
        'Mjölkpall',
        'Lingon',
        hit('Hemvägen'),
      ]),
      single('Midvinter', '2025-12', ['Midvinter', 'Midvinter (Live i Rättvik)']),
    ],
  },
  {
    name: 'Catriona Muir',
    country: 'GB',
    genres: ['folk'],
    fame: 3,
    releases: [
      album("The Selkie's Ledger", '2009-02', [
        "The Selkie's Ledger",
        'Kelp',
        "Boatman's Daughter",
        'Three Gannets',
        hit('My Love Is on the Water'),
        'Peat Smoke',
        'The Ferry to Lochmaddy',
        'Cradle Tide',
      ]),
      ep('Winter Kitchen', '2014-12', ['Winter Kitchen', 'Oatcakes', 'The Long Dark', 'First Footing']),
    ],
  },
  {
    name: 'Larkspur Sisters',
    country: 'US',
    genres: ['folk', 'americana'],
    fame: 3,
    releases: [
      album('Three-Part Weather', '2016-04', [
        'Three-Part Weather',
        'Clothesline',
        'Old Dog',
        'Blue Ridge Telegram',
        'Love Grows by the Road',
        'Wren',
        hit('Screen Door'),
        'Sister',
        'Sing Low',
      ]),
      single('Mason Jar Moon', '2022-08'),
    ],
  },
  {
    name: 'Niamh Ní Laoire',
    country: 'IE',
    genres: ['folk'],
    fame: 2,
    releases: [
      album('Cuan', '2012-03', [
        'Cuan',
        'An Fharraige Mhall',
        'The Road to Ballyvaughan',
        'Slán go Fóill',
        'Rós',
        'Turf & Thunder',
        'Lullaby for Aoife',
      ]),
    ],
  },
  {
    name: 'Hanka Wierzba',
    country: 'PL',
    genres: ['folk'],
    fame: 2,
    releases: [
      album('Pieśni znad Sanu', '2019-11', [
        'Wierzba',
        'Łąka',
        hit('Kołysanka'),
        'San',
        'Deszcz w lipcu',
        'Babcine okno',
        'Dym',
      ]),
    ],
  },
]
