#!/bin/sh
# Runs inside LocalStack once it is ready. The table and the images come with `npx zx scripts/seed.mjs`.
awslocal s3 mb s3://static-s3-bucket
