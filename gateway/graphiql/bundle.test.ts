import { readFileSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const FOLDER = new URL('../generated/graphiql/', import.meta.url)
const manifest = JSON.parse(read('manifest.json').toString()) as {
  page: string
  files: Record<string, unknown>
}
const names = Object.keys(manifest.files)

test('the page asks for nothing but files of the bundle', () => {
  const page = read(manifest.page).toString()
  const asked = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? '')

  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((path) => !names.includes(path.replace('/graphiql/', '')))).toEqual([])
})

test('style sheets take fonts and images from the bundle or from themselves', () => {
  const sheets = names.filter((name) => name.endsWith('.css')).map((name) => read(name).toString())
  const urls = sheets.flatMap((sheet) =>
    [...sheet.matchAll(/url\(\s*["']?([^"')]+)/g)].map((match) => match[1] ?? ''),
  )

  expect(sheets.length).toBe(1)
  expect(
    urls.filter((url) => !url.startsWith('data:') && !names.includes(url.replace('/graphiql/', ''))),
  ).toEqual([])
})

test('the stored encodings hold the very bytes of each file', () => {
  const differing = names.filter((name) => {
    const plain = read(name)
    return (
      !brotliDecompressSync(read(`${name}.br`)).equals(plain) || !gunzipSync(read(`${name}.gz`)).equals(plain)
    )
  })

  expect(names.length).toBeGreaterThan(20)
  expect(differing).toEqual([])
})

function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER))
}
