# One image for both services: the room (dist/tcp-server/main.js) and the gateway (dist/gateway/main.js).

FROM node:24-bookworm-slim AS build
WORKDIR /app
# Dependencies come first, because they change rarely and stay in the build cache.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    DATA_DIR=/data \
    INVITE_LAN=false
WORKDIR /app
# A new volume takes the owner of this folder.
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 8080 12345
# In the exec form node receives the signals, so it can close its connections in order.
CMD ["node", "dist/gateway/main.js"]
