# The web app on nginx, which passes everything else on to the service. Built from the root:
#   docker build -f deploy/images/frontend.Dockerfile .

FROM node:22.17.0-alpine3.22 AS build

WORKDIR /srv/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build


FROM nginxinc/nginx-unprivileged:1.28.0-alpine

COPY deploy/nginx/nginx.conf /etc/nginx/nginx.conf
COPY --from=build /srv/frontend/dist /usr/share/nginx/html/app

EXPOSE 8080

HEALTHCHECK --interval=10s --timeout=5s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://localhost:8080/nginx-health"]
