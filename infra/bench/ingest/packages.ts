import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Free-licence music and sounds as Debian packages them: Ogg Vorbis and WAV, tagged and untagged, mono and stereo, from a click to minutes. */
const PACKAGES = [
  'alsa-utils',
  'hyperrogue-music',
  'lbreakout2-data',
  'oxygen-sounds',
  'sound-theme-freedesktop',
]

/** A folder with what the packages hold, downloaded once and unpacked without installing anything. */
export async function fetchMusic(): Promise<string> {
  const downloads = resolve('.cadenza/bench/debian')
  const music = resolve('.cadenza/bench/music')
  await mkdir(downloads, { recursive: true })
  await mkdir(music, { recursive: true })
  for (const name of PACKAGES) {
    if ((await readdir(music)).includes(name)) continue
    const isThere = async (): Promise<string | undefined> =>
      (await readdir(downloads)).find((file) => file.startsWith(`${name}_`))
    if ((await isThere()) === undefined) await run('apt-get', ['download', '-q', name], { cwd: downloads })
    await run('dpkg-deb', ['-x', join(downloads, (await isThere()) ?? ''), join(music, name)])
  }
  return music
}
