import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalogueFile, readDemoCatalogue } from './catalogue.ts'
import { printCatalogue } from './catalogue-text.ts'
import { composeCatalogue } from './composition.ts'
import { EUROPE } from './markets.ts'

const catalogue = readDemoCatalogue()
const { artists, albums, genres, shows, playlists, firstTracks, managedArtist } = catalogue
const tracks = albums.flatMap((album) => album.tracks)
const episodes = shows.flatMap((show) => show.episodes)
const trackByKey = new Map(tracks.map((track) => [track.key, track]))

const repeated = (values: readonly string[]): string[] =>
  values.filter((value, index) => values.indexOf(value) !== index)
const shareOf = (territory: (markets: readonly string[]) => boolean): number =>
  tracks.filter(({ markets }) => territory(markets)).length / tracks.length

describe('the demo catalogue', () => {
  it('is what composing it again gives, to the byte', () => {
    const committed = readFileSync(catalogueFile, 'utf8')

    const composed = printCatalogue(composeCatalogue())

    expect(composed === committed).toBe(true)
    expect(JSON.parse(composed)).toEqual(catalogue)
    expect(committed.length).toBeLessThan(700_000)
  })

  it('is large enough to get lost in', () => {
    expect(tracks.length).toBeGreaterThanOrEqual(320)
    expect(albums.length).toBeGreaterThanOrEqual(105)
    expect(artists.length).toBeGreaterThanOrEqual(64)
    expect(genres.length).toBeGreaterThanOrEqual(12)
    expect(new Set(albums.map(({ kind }) => kind)).size).toBe(4)
    expect(albums.some(({ tracks }) => tracks.some(({ discNumber }) => discNumber === 2))).toBe(true)
    expect(albums.some(({ kind, artists }) => kind === 'COMPILATION' && artists.length > 3)).toBe(true)
  })

  it('is described in the README with the figures it has', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')

    for (const figure of [
      `${artists.length} artists`,
      `${albums.length} releases`,
      `${tracks.length} tracks`,
      `${genres.length} genres`,
      `${shows.length} shows`,
      `${episodes.length} episodes`,
      `${playlists.length} playlists`,
    ])
      expect(readme).toContain(figure)
  })

  it('gives every record a key of its own', () => {
    for (const records of [genres, artists, albums, tracks, shows, episodes, playlists])
      expect(repeated(records.map(({ key }) => key))).toEqual([])
    expect(repeated(tracks.map(({ isrc }) => isrc))).toEqual([])
    expect(repeated(artists.map(({ name }) => name))).toEqual([])
  })

  it('points only at records that are there', () => {
    const genreKeys = new Set(genres.map(({ key }) => key))
    const artistKeys = new Set(artists.map(({ key }) => key))

    expect([...artists, ...tracks].flatMap((one) => one.genres).filter((key) => !genreKeys.has(key))).toEqual(
      [],
    )
    expect(
      [...albums, ...tracks].flatMap((one) => one.artists).filter((key) => !artistKeys.has(key)),
    ).toEqual([])
    expect(playlists.flatMap((one) => one.tracks).filter((key) => !trackByKey.has(key))).toEqual([])
    expect(artists.filter(({ key }) => !albums.some((one) => one.artists.includes(key)))).toEqual([])
    expect(artists.find(({ key }) => key === managedArtist)?.country).toBe('GB')
  })

  it('numbers the tracks of every disc from one, without a gap and without a title twice', () => {
    for (const { tracks } of albums) {
      const discs = [...new Set(tracks.map(({ discNumber }) => discNumber))]
      expect(discs).toEqual(discs.map((_, index) => index + 1))
      for (const disc of discs) {
        const songs = tracks.filter(({ discNumber }) => discNumber === disc)
        expect(songs.map(({ trackNumber }) => trackNumber)).toEqual(songs.map((_, index) => index + 1))
      }
      expect(repeated(tracks.map(({ title }) => title))).toEqual([])
    }
  })

  it('dates releases and episodes before the day it was closed, some within sixty days of it', () => {
    const dates = albums.map(({ releaseDate }) => releaseDate)

    expect(dates.every((date) => date >= '1998-01-01' && date <= '2026-11-21')).toBe(true)
    expect(dates.filter((date) => date > '2026-09-22').length).toBeGreaterThanOrEqual(5)
    expect(episodes.every(({ publishedAt }) => publishedAt < '2026-11-21')).toBe(true)
    for (const { releaseDate, tracks } of albums)
      expect(tracks.every(({ isrc }) => isrc.slice(5, 7) === releaseDate.slice(2, 4))).toBe(true)
  })

  it('keeps tracks within 40 to 90 seconds and episodes within 90 to 180, to the odd millisecond', () => {
    expect(tracks.filter(({ durationMs }) => durationMs < 40_000 || durationMs > 90_000)).toEqual([])
    expect(episodes.filter(({ durationMs }) => durationMs < 90_000 || durationMs > 180_000)).toEqual([])
    expect(tracks.filter(({ durationMs }) => durationMs % 1000 === 0).length).toBeLessThan(tracks.length / 50)
  })

  it('plays most tracks widely and some only here or there', () => {
    expect(shareOf((markets) => markets.length > 30 && markets.includes('US'))).toBeGreaterThan(0.65)
    expect(shareOf((markets) => markets.join() === EUROPE.join())).toBeCloseTo(0.12, 1)
    expect(shareOf((markets) => markets.join() === 'US')).toBeCloseTo(0.08, 1)
    expect(shareOf((markets) => markets.length > 30 && !markets.includes('US'))).toBeGreaterThan(0.03)
    expect(shareOf((markets) => markets.join() === 'JP')).toBeGreaterThan(0.02)
    expect(tracks.filter(({ markets }) => markets.length === 0)).toHaveLength(5)
    for (const { markets } of tracks) expect(markets).toEqual([...new Set(markets)].sort())
  })

  it('sings of love', () => {
    const love = /\blove\b/i

    expect(tracks.filter(({ title }) => love.test(title)).length).toBeGreaterThanOrEqual(15)
    expect(albums.filter(({ title }) => love.test(title)).length).toBeGreaterThanOrEqual(2)
    expect(artists.filter(({ name }) => love.test(name)).length).toBeGreaterThanOrEqual(1)
    expect(firstTracks.some((key) => love.test(trackByKey.get(key)?.title ?? ''))).toBe(true)
    expect(tracks.filter(({ explicit }) => explicit).length).toBeGreaterThanOrEqual(5)
  })

  it('starts with ten short tracks of ten genres that play in the US, Sweden and Great Britain', () => {
    const first = firstTracks.map((key) => trackByKey.get(key))

    expect(new Set(first.map((track) => track?.genres[0])).size).toBe(10)
    for (const track of first) {
      expect(track?.durationMs).toBeLessThan(60_000)
      expect(track?.markets).toEqual(expect.arrayContaining(['US', 'SE', 'GB']))
    }
  })

  it('ties the features of a sound together', () => {
    const correlation = (
      one: (typeof tracks)[number]['features'][],
      a: 'energy',
      b: 'loudness' | 'acousticness',
    ) => {
      const mean = (pick: 'energy' | 'loudness' | 'acousticness') =>
        one.reduce((sum, features) => sum + features[pick], 0) / one.length
      const [ma, mb] = [mean(a), mean(b)]
      const product = one.reduce((sum, features) => sum + (features[a] - ma) * (features[b] - mb), 0)
      const spread = (pick: 'energy' | 'loudness' | 'acousticness', middle: number) =>
        Math.sqrt(one.reduce((sum, features) => sum + (features[pick] - middle) ** 2, 0))
      return product / (spread(a, ma) * spread(b, mb))
    }
    const all = tracks.map(({ features }) => features)

    expect(correlation(all, 'energy', 'loudness')).toBeGreaterThan(0.8)
    expect(correlation(all, 'energy', 'acousticness')).toBeLessThan(-0.7)
  })

  it('fills twelve to fifteen playlists, one shared and two hidden, nothing twice', () => {
    expect(playlists.length).toBeGreaterThanOrEqual(12)
    expect(playlists.length).toBeLessThanOrEqual(15)
    for (const { tracks } of playlists) {
      expect(tracks.length).toBeGreaterThanOrEqual(12)
      expect(tracks.length).toBeLessThanOrEqual(40)
      expect(repeated(tracks)).toEqual([])
    }
    const hidden = playlists.filter(({ visibility }) => visibility === 'PRIVATE')
    expect(hidden.map(({ owner }) => owner).sort()).toEqual(['free', 'premium'])
    expect(playlists.filter(({ collaborative }) => collaborative).map(({ owner }) => owner)).toEqual([
      'premium',
    ])
  })
})
