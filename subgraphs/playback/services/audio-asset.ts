import { z } from 'zod'
import { QUALITIES, type Quality } from './quality.ts'

const count = z.int().nonnegative()

// A segment ends at a frame, not at a whole millisecond.
const segment = z.object({ offset: count, bytes: z.int().positive(), durationMs: z.number().nonnegative() })

const rendition = z
  .object({
    quality: z.enum(QUALITIES),
    /** As RFC 6381 writes it: `mp4a.40.2`, `fLaC`. */
    codec: z.string().regex(/^[\w.]{1,32}$/),
    bitrateKbps: z.int().positive(),
    /** Under the installation's audio folder. No part may begin with a dot, so no path leads out of it. */
    path: z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/),
    bytes: z.int().positive(),
    initBytes: z.int().positive(),
    segments: z.array(segment).min(1),
  })
  .refine(({ bytes, segments }) => segments.every((part) => part.offset + part.bytes <= bytes), {
    error: 'a segment lies beyond the end of its file',
  })

/** A packaged recording: one immutable fragmented MP4 file a quality, addressed by byte range. */
export const audioAssetSchema = z.object({
  assetId: z.string().regex(/^[\w-]{1,64}$/),
  durationMs: z.int().positive(),
  loudnessCentilufs: z.int(),
  truePeakCentidb: z.int(),
  /** Which samples are the recording's, in every rendition; not there where all of them are. */
  gapless: z.object({ sampleRate: z.int().positive(), delaySamples: count, samples: count }).optional(),
  renditions: z.array(rendition).min(1),
})

export type AudioAsset = z.infer<typeof audioAssetSchema>
export type Rendition = z.infer<typeof rendition>

export function renditionOf(asset: AudioAsset, quality: Quality): Rendition | null {
  return asset.renditions.find((one) => one.quality === quality) ?? null
}
