import { type Act, album, ep, feat, hit, single } from '../act.ts'

export const soul: readonly Act[] = [
  {
    name: 'Lorraine Adair',
    country: 'US',
    genres: ['soul'],
    fame: 3,
    releases: [
      album('Sunday Shoes', '2001-05', [
        'Sunday Shoes',
        'Front Pew',
        hit('Love Came Late'),
        "The Postman's Daughter",
        'Kitchen Light',
        'Lay It Down Easy',
        "Mama's Hands",
        'Hold On',
      ]),
      album('What the River Kept', '2013-09', [
        'What the River Kept',
        'Muddy Dress',
        'Forgive the Flood',
        "Good Woman's Blues",
        'Steady',
        'Higher Water',
        'Amen Anyhow',
      ]),
    ],
  },
  {
    name: 'The Marigold Union',
    country: 'US',
    genres: ['soul', 'jazz'],
    fame: 3,
    releases: [
      album('Local 45', '2011-06', [
        'Strike a Match',
        'Picket Line Shuffle',
        'Union Dues',
        'Working Woman',
        hit('Love Is Overtime'),
        'Lunch Whistle',
        'Solidarity Strut',
        'Clock Out',
      ]),
      single('Brass Tacks', '2019-01', ['Brass Tacks', 'Brass Tacks (Instrumental)']),
    ],
  },
  {
    name: 'Cornelius Bright',
    country: 'GB',
    genres: ['soul', 'pop'],
    fame: 3,
    releases: [
      album('Handwritten Apologies', '2015-10', [
        'Sorry in Advance',
        'Handwritten',
        'Good Morning, Mrs. Appleby',
        'Ten Years Too Soon',
        'Bright Side',
        "I'd Love to Stay but I Can't Dance",
        'Cufflinks',
        'Last Bus Serenade',
      ]),
      ep('Bright & Early', '2021-05', ['Bright & Early', 'Marmalade', hit('Walk You Home'), 'Sunday']),
    ],
  },
  {
    name: 'Abeni Lawson',
    country: 'NG',
    genres: ['soul', 'afrobeats'],
    fame: 3,
    releases: [
      album('Harmattan Heart', '2023-06', [
        'Harmattan Heart',
        'Dust & Gold',
        'Mother Tongue',
        feat('Palm Wine Evening', 'kwesi-ampah'),
        hit('Love Has a Lagos Accent'),
        'Ankara',
        'Slow Burn',
        'Rainmaker',
      ]),
    ],
  },
]
