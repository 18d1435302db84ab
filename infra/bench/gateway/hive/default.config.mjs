import { defineConfig } from '@graphql-hive/gateway'

export const gatewayConfig = defineConfig({
  logging: 'error',
  landingPage: false,
  graphiql: false,
  pollingInterval: 0,
  inboundInflightRequestDeduplication: process.env.SHARES_ANSWERS === '1',
})
