import { z } from 'zod'
import { storageSettings } from '#shared/storage/open-storage.ts'

/** What an operator may tune: roughly how much memory kept rows take in a process, where no Redis keeps them; 0 keeps none. */
export const catalogSettings = z.object({
  CADENZA_CATALOG_CACHE_MB: z.coerce.number().int().min(0).max(65_536).default(64),
})

export type CatalogSettings = Readonly<z.infer<typeof catalogSettings>>

/** What the import reads of the environment: the database to fill, or the home of the Cadenza whose database it is. */
export const importSettings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  CADENZA_HOME: z.string().min(1).default('.cadenza'),
})

/** The same for what brings audio along: where it is stored. */
export const audioImportSettings = importSettings.extend(storageSettings)

/** The ingestion of a folder may also be told which ffmpeg to use. */
export const ingestSettings = audioImportSettings.extend({ FFMPEG_PATH: z.string().min(1).optional() })
