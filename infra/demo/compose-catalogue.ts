import { writeFileSync } from 'node:fs'
import { catalogueFile } from './catalogue.ts'
import { printCatalogue } from './catalogue-text.ts'
import { composeCatalogue } from './composition.ts'

// node --import tsx infra/demo/compose-catalogue.ts
const catalogue = composeCatalogue()
writeFileSync(catalogueFile, printCatalogue(catalogue))
const tracks = catalogue.albums.reduce((sum, album) => sum + album.tracks.length, 0)
process.stdout.write(
  `${catalogue.artists.length} artists, ${catalogue.albums.length} albums, ${tracks} tracks\n`,
)
