/** The power spectrum of a windowed frame of a fixed size (a power of two): `size / 2` bins, the first one silence's. */
export type Spectrum = (frame: Float32Array) => Float64Array

/** Cooley and Tukey's transform, in place, with its factors and window made once. The answer is overwritten by the next call. */
export function createSpectrum(size: number): Spectrum {
  const window = Float64Array.from(
    { length: size },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size),
  )
  const cosines = Float64Array.from({ length: size / 2 }, (_, index) =>
    Math.cos((2 * Math.PI * index) / size),
  )
  const sines = Float64Array.from({ length: size / 2 }, (_, index) => Math.sin((2 * Math.PI * index) / size))
  const places = bitReversed(size)
  const real = new Float64Array(size)
  const imaginary = new Float64Array(size)
  const power = new Float64Array(size / 2)

  return (frame) => {
    for (let index = 0; index < size; index++) {
      real[places[index] as number] = (frame[index] as number) * (window[index] as number)
      imaginary[index] = 0
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half)
      for (let start = 0; start < size; start += 2 * half) {
        for (let index = 0; index < half; index++) {
          const cosine = cosines[index * stride] as number
          const sine = sines[index * stride] as number
          const [low, high] = [start + index, start + index + half]
          const [a, b] = [real[high] as number, imaginary[high] as number]
          const turnedReal = a * cosine + b * sine
          const turnedImaginary = b * cosine - a * sine
          real[high] = (real[low] as number) - turnedReal
          imaginary[high] = (imaginary[low] as number) - turnedImaginary
          real[low] = (real[low] as number) + turnedReal
          imaginary[low] = (imaginary[low] as number) + turnedImaginary
        }
      }
    }
    for (let bin = 0; bin < power.length; bin++)
      power[bin] = (real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2
    return power
  }
}

function bitReversed(size: number): Uint32Array {
  const bits = Math.log2(size)
  return Uint32Array.from({ length: size }, (_, index) => {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) if ((index & (1 << bit)) !== 0) reversed |= 1 << (bits - 1 - bit)
    return reversed
  })
}
