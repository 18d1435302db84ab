import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { z } from 'zod'
import { readConfig } from '#shared/config.ts'

const { CHROMIUM, UPDATE_PICTURES } = readConfig(
  z.object({
    CHROMIUM: z.string().default('/usr/bin/chromium'),
    /** Set to any value to renew the pictures of the READMEs from this run. */
    UPDATE_PICTURES: z.string().optional(),
  }),
)
const PICTURES = fileURLToPath(new URL('../pictures/', import.meta.url))
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
]
/** Pages play without having been clicked on, and at full speed behind others. */
export const AUTOPLAY: readonly string[] = [
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
]

/** Tests that need a browser are skipped by name where there is none. */
export const hasChromium = existsSync(CHROMIUM)

export function openBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...more] })
}

/** Puts a picture that a test has made where the READMEs show it, if the pictures are to be renewed. */
export async function keepPicture(name: string, picture: Buffer): Promise<void> {
  if (UPDATE_PICTURES === undefined) return
  await mkdir(PICTURES, { recursive: true })
  await writeFile(join(PICTURES, name), picture)
}
