import { SAMPLE_RATE, type StereoPcm } from '../pcm.ts'

const LINES = [887, 1013, 1171, 1327, 1481, 1609, 1777, 1933] as const // prime, 40 to 88 ms at half the rate
const BLOCK = 512
const SMEAR = [113, 337] as const

/**
 * A hall: eight delay lines that feed each other through a Hadamard matrix (Jot's network), run at half the sample rate
 * since nothing bright comes back from it. Adds the answer to `room` (one channel, half rate) to `mix`. `seconds` is the time to fall 60 dB.
 */
export function addHall(mix: StereoPcm, room: Float32Array, seconds: number, gain: number): void {
  for (const delay of SMEAR) smear(room, delay)
  const half = SAMPLE_RATE / 2
  const lines = LINES.map((length) => ({
    memory: new Float32Array(length),
    at: 0,
    dull: 0,
    loss: 10 ** ((-3 * length) / (seconds * half)),
    block: new Float32Array(BLOCK),
  }))
  const blocks = lines.map((line) => line.block)
  const left = new Float32Array(BLOCK + 1)
  const right = new Float32Array(BLOCK + 1)

  for (let start = 0; start < room.length; start += BLOCK) {
    const size = Math.min(BLOCK, room.length - start)
    for (const line of lines) {
      // No line is shorter than a block, so a block can be read whole before it is written.
      let { at, dull } = line
      const { memory, block, loss } = line
      for (let index = 0; index < size; index++) {
        dull += ((memory[at] as number) * loss - dull) * 0.62
        block[index] = dull
        if (++at === memory.length) at = 0
      }
      line.dull = dull
    }
    sides(blocks, left, right, size, gain)
    hadamard(blocks, size)
    for (const line of lines) {
      let { at } = line
      const { memory, block } = line
      for (let index = 0; index < size; index++) {
        memory[at] = (block[index] as number) + (room[start + index] as number)
        if (++at === memory.length) at = 0
      }
      line.at = at
    }
    pourBlock(mix.left, left, start * 2, size)
    pourBlock(mix.right, right, start * 2, size)
  }
}

/** Spreads each echo over time without colouring it: an all-pass (Schroeder). */
function smear(samples: Float32Array, delay: number): void {
  const memory = new Float32Array(delay)
  for (let index = 0, at = 0; index < samples.length; index++) {
    const before = memory[at] as number
    const inward = (samples[index] as number) + before * 0.6
    samples[index] = before - inward * 0.6
    memory[at] = inward
    if (++at === delay) at = 0
  }
}

/** Each ear hears half of the lines; keeps the last value in front, so blocks join without a step. */
function sides(
  blocks: readonly Float32Array[],
  left: Float32Array,
  right: Float32Array,
  size: number,
  gain: number,
): void {
  left[0] = left[BLOCK] as number
  right[0] = right[BLOCK] as number
  const [a, b, c, d, e, f, g, h] = blocks as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  for (let index = 0; index < size; index++) {
    left[index + 1] =
      ((a[index] as number) + (c[index] as number) - (e[index] as number) - (g[index] as number)) * gain
    right[index + 1] =
      ((b[index] as number) + (d[index] as number) - (f[index] as number) - (h[index] as number)) * gain
  }
}

function hadamard(blocks: readonly Float32Array[], size: number): void {
  for (let span = 1; span < 8; span *= 2) {
    for (let first = 0; first < 8; first++) {
      if ((first & span) !== 0) continue
      const one = blocks[first] as Float32Array
      const two = blocks[first + span] as Float32Array
      for (let index = 0; index < size; index++) {
        const sum = one[index] as number
        const other = two[index] as number
        one[index] = (sum + other) * Math.SQRT1_2
        two[index] = (sum - other) * Math.SQRT1_2
      }
    }
  }
}

/** Back to the full rate: every second sample lies between two. */
function pourBlock(mix: Float32Array, block: Float32Array, at: number, size: number): void {
  for (let index = 0; index < size; index++) {
    const before = block[index] as number
    const now = block[index + 1] as number
    const even = at + index * 2
    mix[even] = (mix[even] as number) + (before + now) * 0.5
    if (even + 1 < mix.length) mix[even + 1] = (mix[even + 1] as number) + now
  }
}
