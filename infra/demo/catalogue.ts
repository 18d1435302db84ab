import { readFileSync } from 'node:fs'
import { z } from 'zod'

const key = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
const country = z.string().regex(/^[A-Z]{2}$/)
const share = z.number().min(0).max(1)
const count = z.int().positive()

/** What the composer of the audio and the recommendations read: tempo in beats per minute, key as a pitch class
 * (0 = C), mode 1 major or 0 minor, loudness in decibels below full scale, the rest as 0 to 1. */
const features = z.strictObject({
  tempo: z.number().min(62).max(176),
  key: z.int().min(0).max(11),
  mode: z.union([z.literal(0), z.literal(1)]),
  energy: share,
  danceability: share,
  valence: share,
  acousticness: share,
  instrumentalness: share,
  loudness: z.number().min(-36).max(0),
  speechiness: share,
})

const genre = z.strictObject({ key, name: z.string().min(1) })

const artist = z.strictObject({ key, name: z.string().min(1), genres: z.array(key).min(1), country })

const track = z.strictObject({
  key,
  title: z.string().min(1),
  discNumber: count,
  trackNumber: count,
  durationMs: count,
  explicit: z.boolean(),
  isrc: z.string().regex(/^[A-Z]{2}CDZ\d{7}$/),
  artists: z.array(key).min(1),
  genres: z.array(key).min(1),
  /** Sorted; an empty list means nowhere. */
  markets: z.array(country),
  popularity: z.int().min(0).max(100),
  features,
})

const album = z.strictObject({
  key,
  title: z.string().min(1),
  kind: z.enum(['ALBUM', 'SINGLE', 'EP', 'COMPILATION']),
  releaseDate: z.iso.date(),
  artists: z.array(key).min(1),
  tracks: z.array(track).min(1),
})

const episode = z.strictObject({
  key,
  title: z.string().min(1),
  description: z.string().min(1),
  durationMs: count,
  publishedAt: z.iso.datetime(),
  markets: z.array(country),
  features,
})

const show = z.strictObject({
  key,
  title: z.string().min(1),
  description: z.string().min(1),
  publisher: z.string().min(1),
  episodes: z.array(episode).min(1),
})

const playlist = z.strictObject({
  key,
  name: z.string().min(1),
  description: z.string().min(1),
  /** The demo account that owns it: the part before `@cadenza.example`. */
  owner: z.enum(['premium', 'free', 'artist']),
  visibility: z.enum(['PUBLIC', 'PRIVATE']),
  collaborative: z.boolean(),
  tracks: z.array(key).min(1),
})

/** The demo catalogue as the file holds it; keys are unique within their kind and stay the same for ever. */
export const demoCatalogue = z.strictObject({
  version: z.literal(1),
  /** The artist that artist@cadenza.example manages. */
  managedArtist: key,
  /** Their audio is made before the first start says that it is ready. */
  firstTracks: z.array(key).length(10),
  genres: z.array(genre),
  artists: z.array(artist),
  albums: z.array(album),
  shows: z.array(show),
  playlists: z.array(playlist),
})

export type DemoCatalogue = z.infer<typeof demoCatalogue>
export type DemoAlbum = z.infer<typeof album>
export type DemoTrack = z.infer<typeof track>
export type DemoShow = z.infer<typeof show>
export type DemoEpisode = z.infer<typeof episode>
export type DemoPlaylist = z.infer<typeof playlist>
export type DemoFeatures = z.infer<typeof features>

/** Where the committed catalogue lies. */
export const catalogueFile = new URL('catalogue.json', import.meta.url)

/** The committed demo catalogue; throws a ZodError when the file is not in its shape. */
export function readDemoCatalogue(): DemoCatalogue {
  return demoCatalogue.parse(JSON.parse(readFileSync(catalogueFile, 'utf8')))
}
