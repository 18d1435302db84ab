import { type Act, album, ep, hit, single } from '../act.ts'

export const americana: readonly Act[] = [
  {
    name: 'Dale Whitcomb',
    country: 'US',
    genres: ['americana'],
    fame: 3,
    releases: [
      album('County Line Confessional', '2005-08', [
        'County Line',
        'Rust Belt Buckle',
        'She Took the Good Truck',
        'Diner at the End of the County',
        'Whiskey Arithmetic',
        hit("Love's a Two-Lane Road"),
        "Preacher's Dog",
        'Dust',
      ]),
      album('Better Fences', '2017-02', [
        'Better Fences',
        'Widow Maker Hill',
        'Hand-Me-Down Horse',
        'Church Parking Lot',
        'Quit Calling It Home',
        'Gravel',
        'Amarillo by Accident',
      ]),
    ],
  },
  {
    name: 'Ruby Sandoval',
    country: 'US',
    genres: ['americana', 'latin'],
    fame: 4,
    releases: [
      album('Desert Motel Rosary', '2022-02', [
        'Desert Motel Rosary',
        'Mesquite',
        "Tío Ray's Cadillac",
        hit('Love, Luck & Gasoline'),
        'Cactus Flower',
        'Border Radio',
        'Corrido for Ruby',
        'Adiós, Tucson',
      ]),
      single('Saddle Up, Sunshine', '2026-09'),
    ],
  },
  {
    name: 'Gravel & Honey',
    country: 'US',
    genres: ['americana', 'folk'],
    fame: 3,
    releases: [
      album('Porchlight Hymnal', '2014-10', [
        'Porchlight',
        'Honey in the Gravel',
        'Biscuits & Bad News',
        'Lay Your Hammer Down',
        hit('Tennessee Postmark'),
        'Hymn for the Unemployed',
        'If I Loved You Any Less',
        'Supper',
      ]),
      ep('Duets for One Microphone', '2018-09', [
        'One Microphone',
        'You Take the High Part',
        'Home',
        'Goodnight, Ohio',
      ]),
    ],
  },
  {
    name: 'Prairie Telegraph',
    country: 'CA',
    genres: ['americana', 'indie-rock'],
    fame: 2,
    releases: [
      album('Grain Elevator Blues', '2010-09', [
        'Grain Elevator Blues',
        'Moose Jaw',
        'Snow Fence',
        'The Last Cowboy in Regina',
        'Chinook',
        'Hydro Line',
        'Big Flat Love',
        'Saskatoon Berry',
      ]),
    ],
  },
]
