import { type Act, album, ep, hit, single } from '../act.ts'

export const jazz: readonly Act[] = [
  {
    name: 'Henrik Dahlbeck Trio',
    country: 'SE',
    genres: ['jazz'],
    fame: 3,
    releases: [
      album('Söder om Slussen', '2008-10', [
        'Söder om Slussen',
        'Regn på Götgatan',
        'Vals för Ingrid',
        hit('Blå lördag'),
        'Tant Greta',
        'Isflak',
        'Nattkaffe',
      ]),
      album(
        'Live at the Boathouse',
        '2016-06',
        ['Vals för Ingrid (Live)', 'Harbour Blues (Live)', 'Isflak (Live)', 'Autumn in Nacka (Live)'],
        ['Blå lördag (Live)', 'Tant Greta (Live)', 'Encore: Nattkaffe (Live)'],
      ),
    ],
  },
  {
    name: 'Kenji Moriwaki Quartet',
    country: 'JP',
    genres: ['jazz'],
    fame: 3,
    releases: [
      album('Shinjuku After Rain', '2003-11', [
        'Shinjuku After Rain',
        'Kissaten',
        'Platform Nine',
        'Smoke Signal',
        'Ballad for Keiko',
        'Rush Hour Bop',
        hit('Last Train Waltz'),
      ]),
      album('喫茶店にて', '2014-05', [
        '喫茶店にて',
        '砂時計',
        '角砂糖',
        '雨宿り',
        'Love Theme for an Empty Chair',
        '夜更け',
      ]),
    ],
  },
  {
    name: 'Beatrix Lowe',
    country: 'GB',
    genres: ['jazz', 'soul'],
    fame: 4,
    releases: [
      album('Blue Enough for Me', '2018-11', [
        'Blue Enough for Me',
        'Cocktail Hour in Croydon',
        hit('I Fell in Love at the Launderette'),
        'Two Left Gloves',
        'Mr. Wednesday',
        'Smoke in My Eyeliner',
        "Don't Wait Up",
        'Goodnight, Soho',
      ]),
      single('Mistletoe & Other Mistakes', '2025-11', ['Mistletoe & Other Mistakes', 'Tinsel on the Piano']),
    ],
  },
  {
    name: 'The Copper Room',
    country: 'US',
    genres: ['jazz'],
    fame: 3,
    releases: [
      album('Patina', '2017-01', [
        'Patina',
        'Verdigris',
        'Kettle Drum',
        'Alloy',
        'Copper Penny',
        'Slow Solder',
        hit('Conductor'),
        'Oxidize',
      ]),
      ep('Late Set', '2023-04', [
        'Late Set (Part I)',
        'Late Set (Part II)',
        'Blues for the Bartender',
        'Chairs on Tables',
      ]),
    ],
  },
  {
    name: 'Luca Ferrante',
    country: 'IT',
    genres: ['jazz', 'classical'],
    fame: 2,
    releases: [
      album('Portici', '2013-04', [
        'Portici',
        'Bologna, dopo mezzanotte',
        'Il gatto di via Mascarella',
        'Neve a marzo',
        'Lambretta',
        'Lettera a Giulia',
        'Amore, forse',
      ]),
    ],
  },
]
