import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Node gives everybody the CommonJS build of graphql; Vite would pick the other one for our files, and schemas would not mix.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    projects: [
      {
        extends: true,
        // Needs no database: its tests begin at once.
        test: { name: 'door', include: ['gateway/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['{infra,prisma,schema,subgraphs,web}/**/*.{test,e2e}.ts'],
          globalSetup: 'infra/testing/global-setup.ts',
        },
      },
    ],
  },
})
