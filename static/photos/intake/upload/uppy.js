// Of Uppy, what takes a file to the server or to a bucket. Fetched when the first file is sent.

export { default as AwsS3 } from "@uppy/aws-s3";
export { default as Uppy } from "@uppy/core";
export { default as XHRUpload } from "@uppy/xhr-upload";
