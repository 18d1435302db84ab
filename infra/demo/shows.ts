import type { DemoEpisode, DemoShow } from './catalogue.ts'
import { createChance } from './chance.ts'
import { marketsOf, type Territory } from './markets.ts'
import { slugOf } from './slug.ts'
import { type ArtistSound, artistSoundOf, featuresOf } from './sound.ts'

/** A show as written down by hand: an episode is a title and what it says about itself. */
interface ShowPlan {
  title: string
  description: string
  publisher: string
  country: string
  territory: Territory
  /** Day of the first episode; the others follow every two weeks. */
  since: string
  episodes: readonly (readonly [title: string, description: string])[]
}

const FORTNIGHT = 14 * 86_400_000

const plans: readonly ShowPlan[] = [
  {
    title: 'The Slow Tide Sessions',
    description: 'Long, quiet pieces made beside the water and left to run. No talking, no hurry.',
    publisher: 'Saltmarsh Audio',
    country: 'GB',
    territory: 'world',
    since: '2026-07-05',
    episodes: [
      ['Low Water', 'Soft organ tones and a great deal of space. Good for the first coffee.'],
      ['Harbour Lamps', 'A slow piano figure that never quite comes home.'],
      ['Shingle', 'Small grains of sound, turned over again and again.'],
      ['The Night Ferry', 'Deep drones for anyone still awake at the rail.'],
      ['Fog Signal', 'One note, answered from far away.'],
      ['Marram Grass', 'Warm chords that bend with the wind and stand up again.'],
      ['Neap Tide', 'The smallest movement of the month. Barely there, on purpose.'],
      ['Boats Turning', 'Everything swings round slowly to face the other way.'],
    ],
  },
  {
    title: 'Nattskift',
    description: 'Lugn musik för dig som är vaken när andra sover. Ett nytt pass varannan vecka.',
    publisher: 'Radio Lyktan',
    country: 'SE',
    territory: 'europe',
    since: '2026-08-09',
    episodes: [
      ['Kvart över två', 'Stilla toner för den längsta timmen.'],
      ['Sjukhuskorridoren', 'Mjuka steg, dämpat ljus och ett avlägset piano.'],
      ['Snöplogen', 'Ett långsamt svep genom en tom stad.'],
      ['Bageriet', 'Värme från ugnen innan gatan vaknar.'],
      ['Sista lampan', 'Nästan tyst. Släck när du vill.'],
      ['Gryning', 'Det ljusnar sakta över taken.'],
    ],
  },
  {
    title: 'Desk Lamp',
    description: 'Unobtrusive music to think by, in sessions as long as one small task.',
    publisher: 'Quiet Hours',
    country: 'CA',
    territory: 'world',
    since: '2026-08-02',
    episodes: [
      ['Clear the Table', 'A light pulse to begin with. Put the phone in the other room.'],
      ['First Draft', 'Gentle arpeggios that ask nothing of you.'],
      ['Long Division', 'Patient patterns, each a little longer than the last.'],
      ['Rain on the Skylight', 'Soft keys over steady weather.'],
      ['Footnotes', 'Low, even tones for careful reading.'],
      ['Tidy Desk, Late Sun', 'A warm closing piece for the end of the afternoon.'],
      ['Lamp Off', 'Slower and slower until the work is done.'],
    ],
  },
]

/** The demo shows: calm sessions of one and a half to three minutes, composed like the tracks. */
export function composeShows(): DemoShow[] {
  return plans.map((plan) => {
    const key = slugOf(plan.title)
    if (key === null) throw new Error(`the show "${plan.title}" needs a Latin title`)
    const sound = artistSoundOf(`show ${key}`, ['ambient', 'classical'])
    const episodes = plan.episodes.map((_, index) => episodeOf(plan, key, sound, index))
    return { key, title: plan.title, description: plan.description, publisher: plan.publisher, episodes }
  })
}

function episodeOf(plan: ShowPlan, showKey: string, sound: ArtistSound, index: number): DemoEpisode {
  const [title, description] = plan.episodes[index] ?? ['', '']
  const key = `${showKey}-${slugOf(title)}`
  const chance = createChance(`session ${key}`)
  const published = Date.parse(`${plan.since}T00:00:00Z`) + index * FORTNIGHT
  const hour = Math.floor(chance.between(4, 8)) * 3_600_000
  return {
    key,
    title,
    description,
    durationMs: Math.floor(chance.between(92_000, 178_000)),
    publishedAt: new Date(published + hour).toISOString(),
    markets: marketsOf(plan.territory, showKey, plan.country),
    features: featuresOf(sound, title),
  }
}
