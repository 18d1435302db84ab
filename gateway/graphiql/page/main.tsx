import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import './styles/graphiql.css'
import './styles/base.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { serveMonacoWorkers } from './monaco.ts'

serveMonacoWorkers()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
