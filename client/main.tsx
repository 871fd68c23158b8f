/** Where the page begins: its words, then its first drawing. */

import { createRoot } from 'react-dom/client';
import { startLanguage } from './language/language.js';
import { App, fetchPage } from './pages/app.js';
import './styles/index.css';

// The review desk is not there yet.
if (location.pathname === '/review') history.replaceState(null, '', '/');
fetchPage(location.pathname);
await startLanguage();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(<App />);
