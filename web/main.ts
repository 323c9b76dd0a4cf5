import './elements/tertulia-app.ts';
import { language } from './elements/words.ts';

document.documentElement.lang = language.name;
