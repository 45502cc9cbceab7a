#!/bin/sh
# Runs inside the container once it is ready. The table and the images come with `npx zx scripts/seed.mjs`.
# Where there is no `awslocal`, as in some images that take LocalStack's place, `aws` needs to be told where to go.
if command -v awslocal >/dev/null; then
  awslocal s3 mb s3://static-s3-bucket
else
  aws --endpoint-url http://127.0.0.1:4566 s3 mb s3://static-s3-bucket
fi
