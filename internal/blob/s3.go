package blob

import (
	"context"
	"errors"
	"net/url"

	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
)

const s3Scheme = s3blob.Scheme

// openS3 opens a bucket by its URL. The driver reads its own settings from the query and refuses others.
func openS3(ctx context.Context, where string) (shown string, bucket *blob.Bucket, err error) {
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil {
		return "", nil, errors.New("the URL is not s3://BUCKET?region=REGION; secrets belong into the environment")
	}
	if q := u.Query(); q.Has("endpoint") {
		// Not every maker of S3 knows the newer checksums; the driver would write a warning for each file.
		for _, setting := range []string{"request_checksum_calculation", "response_checksum_validation"} {
			if !q.Has(setting) {
				q.Set(setting, "when_required")
			}
		}
		u.RawQuery = q.Encode()
	}
	bucket, err = blob.DefaultURLMux().OpenBucketURL(ctx, u)
	if err != nil {
		return "", nil, err
	}
	return s3Scheme + "://" + u.Host, bucket, nil
}
