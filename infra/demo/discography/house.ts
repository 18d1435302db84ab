import { type Act, album, ep, hit, single } from '../act.ts'

export const house: readonly Act[] = [
  {
    name: 'Delphine Okoro',
    country: 'FR',
    genres: ['house', 'pop'],
    fame: 4,
    releases: [
      album('Sueur', '2022-03', [
        'Sueur',
        'Belleville 5 A.M.',
        'Corps à corps',
        hit("Tell Me It's Love"),
        'Piste',
        'Vestiaire',
        'Afterglow',
        'Dimanche sans fin',
      ]),
      single('Higher Ground Floor', '2026-10', [hit('Higher Ground Floor'), 'Higher Ground Floor (Dub Mix)']),
    ],
  },
  {
    name: 'Basement Atlas',
    country: 'US',
    genres: ['house', 'electronic'],
    fame: 3,
    releases: [
      ep('Boiler Pressure', '2009-04', ['Boiler', 'Pressure Valve', 'Sub Level 3', 'Pilot Light']),
      album('Maps of the Underneath', '2016-11', [
        'Legend',
        'Conduit',
        'Meridian Line',
        'Steam Tunnel',
        hit('Love Below Street Level'),
        'Contour',
        'Aquifer',
        'Surface',
      ]),
    ],
  },
  {
    name: 'Rui Salvaterra',
    country: 'PT',
    genres: ['house', 'latin'],
    fame: 3,
    releases: [
      album('Tejo', '2019-05', [
        'Cacilheiro',
        'Tejo',
        'Azulejo',
        'Ponte',
        'Saudade 122',
        hit('Maré Alta'),
        'Bica',
        'Madrugada',
      ]),
      single('Sol de Setembro', '2025-09'),
    ],
  },
  {
    name: 'Night Bus Society',
    country: 'GB',
    genres: ['house', 'electronic'],
    fame: 3,
    releases: [
      ep('N29', '2013-06', ['Top Deck', 'N29', 'Request Stop', 'Last Stop Wood Green']),
      album('Fares Please', '2018-10', [
        'Fares Please',
        'Contactless',
        'Window Condensation',
        'Diversion',
        hit('Love on the Upper Deck'),
        'Rain',
        'Depot',
        'Dawn Timetable',
      ]),
    ],
  },
]
