import type { Connection, Edge } from '#shared/connection.ts'

/** What `Track` is resolved from: the catalogue knows the rest, and whether it is there. */
export interface TrackRef {
  readonly id: string
}

/** What `Artist` is resolved from. */
export interface ArtistRef {
  readonly id: string
}

/** What `User` is resolved from. */
export interface UserRef {
  readonly id: string
}

/** What `Because` is resolved from. */
export interface Reason {
  readonly strategy: 'CONTENT' | 'TRENDING'
  /** Share of the score; those of one track add up to 1. */
  readonly weight: number
  readonly seed: TrackRef | ArtistRef | null
}

/** A track that is recommended, with its reasons, the strongest first. */
export interface Suggestion extends TrackRef {
  readonly cursor: string
  readonly score: number
  readonly because: Reason[]
}

export type RecommendationEdgeSource = Edge<Suggestion>

/** What `RecommendationConnection` is resolved from. */
export interface RecommendationPage extends Connection<Suggestion> {
  readonly source: 'PERSONAL' | 'TRENDING'
  readonly modelVersion: string | null
}

export type TrackPage = Connection<TrackRef>
export type ArtistPage = Connection<ArtistRef>
