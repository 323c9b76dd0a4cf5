import './elements/tertulia-app.ts';
