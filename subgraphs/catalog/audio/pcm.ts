/** Samples per second of everything this room composes; the AAC and FLAC renditions keep it. */
export const SAMPLE_RATE = 44_100

/** Two channels of equal length, samples in -1 to 1. */
export interface StereoPcm {
  left: Float32Array
  right: Float32Array
}

export function createPcm(samples: number): StereoPcm {
  return { left: new Float32Array(samples), right: new Float32Array(samples) }
}

/** Whole samples nearest to a time in seconds. */
export function samplesIn(seconds: number): number {
  return Math.round(seconds * SAMPLE_RATE)
}
