/** A WAV of so many seconds: a tone, 44.1 kHz, 16 bits, one channel. Another `hz` is another recording. */
export function makeWav(seconds: number, hz: number): Buffer {
  const rate = 44_100
  const samples = Buffer.alloc(seconds * rate * 2)
  for (let index = 0; index < samples.length / 2; index++)
    samples.writeInt16LE(Math.round(8_000 * Math.sin((index * hz * 2 * Math.PI) / rate)), index * 2)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20) // PCM
  header.writeUInt16LE(1, 22) // channels
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}
