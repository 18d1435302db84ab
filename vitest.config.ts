import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{gateway,infra,prisma,schema,subgraphs,web}/**/*.{test,e2e}.ts'],
    globalSetup: 'infra/testing/global-setup.ts',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
