import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const VIEWPORT = { width: 1440, height: 900 }

/**
 * Does in a real browser what a front-end developer does first: runs the search, signs in as premium, watches a playlist
 * while editing it, starts a playback and hears it move. Throws when a step fails, a request leaves the server's origin
 * or the console shows an error. Returns the paths of the screenshots in `folder`, light and dark.
 */
export async function exerciseGraphiql(browser: Browser, url: string, folder: string): Promise<string[]> {
  return [
    ...(await exercise(browser, url, folder, 'light')),
    ...(await exercise(browser, url, folder, 'dark')),
  ]
}

type ColorScheme = NonNullable<BrowserContextOptions['colorScheme']>

async function exercise(
  browser: Browser,
  url: string,
  folder: string,
  colorScheme: ColorScheme,
): Promise<string[]> {
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme })
  const faults = watchForFaults(page, new URL(url).origin)
  const screenshots: string[] = []
  const capture = async (name: string): Promise<void> => {
    screenshots.push(await screenshot(page, folder, `${name}-${colorScheme}`))
  }

  await page.goto(url)
  await page.locator('.graphiql-query-editor .view-line').first().waitFor()
  await runTab(page, 'Welcome')
  await resultHolds(page, '"viewer"')
  await capture('welcome')
  await runTab(page, 'Search')
  await resultHolds(page, '"topHit"')
  await signIn(page, 'premium@cadenza.example')
  await capture('account')
  await watchAnEdit(page)
  await capture('subscription')
  await play(page)
  await capture('player')

  await page.close()
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return screenshots
}

async function runTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).getByRole('button', { name, exact: true }).click()
  await page.getByRole('button', { name: 'Execute query' }).click()
}

/** Only what is scrolled into view is in the page, so the text looked for must stand near the top. */
async function resultHolds(page: Page, text: string): Promise<void> {
  await page.locator('.result-window .view-lines').filter({ hasText: text }).waitFor()
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: 'Anonymous' }).click()
  await page.getByRole('button', { name: email }).click()
  await page.getByRole('button', { name: `${email} PREMIUM, SE` }).waitFor()
}

/** The first message is the whole list; an edit made in another tab arrives while the subscription runs on. */
async function watchAnEdit(page: Page): Promise<void> {
  const events = page.getByRole('region', { name: 'Events' })
  await page
    .getByRole('tab', { name: 'PlaylistChanged' })
    .getByRole('button', { name: 'PlaylistChanged' })
    .click()
  await filledIn(page)
  await page.getByRole('button', { name: 'Execute query' }).click()
  await events.getByRole('button', { name: 'SNAPSHOT' }).waitFor()
  await runTab(page, 'PlaylistAddItems')
  await events.getByRole('button', { name: 'EDIT' }).first().waitFor()
  await resultHolds(page, '"alreadyApplied": false')
}

/** A track is composed at its first play, so a refusal that asks for another try gets one. */
async function play(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Play', exact: true })
  await runTab(page, 'PlaybackStart')
  for (let attempt = 0; attempt < 10 && (await button.isDisabled()); attempt++) {
    await page.waitForTimeout(1000)
    if (await button.isDisabled()) await page.getByRole('button', { name: 'Execute query' }).click()
  }
  await button.click()
  await page.waitForFunction(() => {
    const position = document.querySelector<HTMLInputElement>('input[aria-label="Position"]')
    return position !== null && position.valueAsNumber > 1
  })
}

async function filledIn(page: Page): Promise<void> {
  await page.locator('.graphiql-editor-tool .view-lines').filter({ hasText: 'playlist_' }).waitFor()
}

async function screenshot(page: Page, folder: string, name: string): Promise<string> {
  const path = join(folder, `graphiql-${name}.png`)
  await page.screenshot({ path })
  return path
}

function watchForFaults(page: Page, origin: string): string[] {
  const faults: string[] = []
  page.on('request', (request) => {
    const requested = new URL(request.url())
    const isOwn = ['blob:', 'data:'].includes(requested.protocol) || requested.origin === origin
    if (!isOwn) faults.push(`A request left the origin: ${request.url()}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error')
      faults.push(`The console shows: ${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => faults.push(`The page threw: ${error.message}`))
  return faults
}
