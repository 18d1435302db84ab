/** A note as written: times in beats from the first bar line, pitch as a MIDI number, velocity in 0 to 1. */
export interface Note {
  beat: number
  beats: number
  pitch: number
  velocity: number
}
