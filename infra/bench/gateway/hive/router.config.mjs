import { unifiedGraphHandler } from '@graphql-hive/router-runtime'
import { gatewayConfig as standard } from './default.config.mjs'

export const gatewayConfig = { ...standard, unifiedGraphHandler }
