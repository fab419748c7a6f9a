package blob

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// bucket is a small server of one S3 bucket: objects, conditional writes, uploads in parts, lists.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[string]map[int][]byte
	full    bool
	token   string // of the session, which requests must bear
}

func newBucket(t testing.TB) (*bucket, string) {
	b := &bucket{objects: map[string][]byte{}, uploads: map[string]map[int][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, "s3://files?region=test-1&use_path_style=true&endpoint=" + server.URL
}

func (b *bucket) names() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name := range b.objects {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/files"), "/")
	q := r.URL.Query()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender went away
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	object, exists := b.objects[name]
	conflict := exists && r.Header.Get("If-None-Match") == "*"
	fail := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
	}
	w.Header().Set("Content-Type", "application/xml")
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=access/"):
		fail(403, "AccessDenied")
	case r.Header.Get("X-Amz-Security-Token") != b.token:
		fail(403, "InvalidToken")
	case !b.agrees(r.Header, body):
		fail(400, "BadDigest")
	case b.full && r.Method != "GET" && r.Method != "DELETE":
		fail(507, "InsufficientStorage")
	case r.Method == "POST" && q.Has("uploads"):
		id := "upload" + strconv.Itoa(len(b.uploads))
		b.uploads[id] = map[int][]byte{}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><Bucket>files</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", name, id)
	case r.Method == "PUT" && q.Has("partNumber"):
		n, _ := strconv.Atoi(q.Get("partNumber"))
		b.uploads[q.Get("uploadId")][n] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(body)))
	case r.Method == "POST" && q.Has("uploadId") && conflict, r.Method == "PUT" && conflict:
		fail(412, "PreconditionFailed")
	case r.Method == "POST" && q.Has("uploadId"):
		var all []byte
		parts := b.uploads[q.Get("uploadId")]
		for n := 1; n <= len(parts); n++ {
			all = append(all, parts[n]...)
		}
		delete(b.uploads, q.Get("uploadId"))
		b.objects[name] = all
		fmt.Fprint(w, "<CompleteMultipartUploadResult><Bucket>files</Bucket><ETag>x</ETag></CompleteMultipartUploadResult>")
	case r.Method == "DELETE" && q.Has("uploadId"):
		delete(b.uploads, q.Get("uploadId"))
		w.WriteHeader(204)
	case r.Method == "PUT":
		b.objects[name] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(body)))
	case r.Method == "DELETE":
		delete(b.objects, name)
		w.WriteHeader(204)
	case name == "":
		b.list(w, q.Get("prefix"), q.Get("continuation-token"))
	case !exists:
		fail(404, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Wed, 01 Jul 2026 09:00:00 GMT")
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC), bytes.NewReader(object))
	}
}

// agrees tells whether the body is what the headers say.
func (b *bucket) agrees(h http.Header, body []byte) bool {
	m, signed := md5.Sum(body), h.Get("X-Amz-Content-Sha256")
	return (signed == fmt.Sprintf("%x", sha256.Sum256(body)) || signed == "UNSIGNED-PAYLOAD" && len(body) == 0) &&
		(h.Get("Content-Md5") == "" || h.Get("Content-Md5") == base64.StdEncoding.EncodeToString(m[:]))
}

// list gives two names at a time.
func (b *bucket) list(w io.Writer, prefix, after string) {
	type object struct {
		Key          string
		Size         int
		LastModified string
	}
	var result struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Contents              []object
		IsTruncated           bool
		NextContinuationToken string
	}
	var names []string
	for name := range b.objects {
		if strings.HasPrefix(name, prefix) && name > after {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 2 {
		names = names[:2]
		result.IsTruncated, result.NextContinuationToken = true, names[1]
	}
	for _, name := range names {
		result.Contents = append(result.Contents, object{name, len(b.objects[name]), "2026-07-01T09:00:00Z"})
	}
	xml.NewEncoder(w).Encode(result)
}

func TestS3Settings(t *testing.T) {
	openFakeS3(t) // for the secrets
	for where, want := range map[string]string{
		"s3://files?nonsense=secret":                      `the setting "nonsense" is not known`,
		"s3://files/folder":                               "s3://BUCKET",
		"s3://files?endpoint=s3.example.org":              "https://s3.example.org",
		"s3://files?endpoint=ftp://s3.example.org":        "https://s3.example.org",
		"s3://files?endpoint=https://a:secret@s3.example": "secrets belong into the environment",
		"s3://files?endpoint=https://s3.example.org/path": "paths",
		"s3://files?use_path_style=secret":                "neither true nor false",
	} {
		_, _, err := openBucket(where)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "=secret") {
			t.Errorf("%s: %v, want %s", where, err, want)
		}
	}
	for where, want := range map[string]string{
		"s3://papers?region=eu-central-1":                                               "https://papers.s3.dualstack.eu-central-1.amazonaws.com/a",
		"s3://papers?region=eu-central-1&use_path_style=true":                           "https://s3.dualstack.eu-central-1.amazonaws.com/papers/a",
		"s3://papers?region=x&endpoint=https://s3.example.org":                          "https://s3.example.org/papers/a",
		"s3://papers?region=x&endpoint=https://s3.example.org/&use_path_style=false":    "https://papers.s3.example.org/a",
		"s3://papers/?region=x&endpoint=http://localhost:9000":                          "http://localhost:9000/papers/a",
		"s3://papers?endpoint=http://localhost:9000&region=" + url.QueryEscape("a b/c"): "http://localhost:9000/papers/a",
	} {
		shown, b, err := openBucket(where)
		if err != nil || shown != "s3://papers" {
			t.Errorf("%s: shown as %s, %v", where, shown, err)
			continue
		}
		u, err := b.s3.PresignedGetObject(t.Context(), b.name, "a", time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		if u.RawQuery = ""; u.String() != want {
			t.Errorf("%s asks at %s, want %s", where, u, want)
		}
	}
}

func TestS3RegionOfTheEnvironment(t *testing.T) {
	openFakeS3(t)
	t.Setenv("AWS_REGION", "eu-west-3")
	_, b, err := openBucket("s3://files")
	if err != nil {
		t.Fatal(err)
	}
	u, err := b.s3.PresignedGetObject(t.Context(), b.name, "a", time.Minute, nil)
	if err != nil || !strings.Contains(u.Host, "eu-west-3") {
		t.Errorf("asks at %v, %v", u, err)
	}
}

// TestS3Secrets takes them from a session and from the role of a container.
func TestS3Secrets(t *testing.T) {
	p := openFakeS3(t)
	p.bucket.token = "session"
	if _, err := p.PutAs(t.Context(), "a", strings.NewReader("x")); err == nil {
		t.Error("written without the session's token")
	}
	where := p.url
	t.Setenv("AWS_SESSION_TOKEN", "session")
	if _, err := open(t, where).PutAs(t.Context(), "a", strings.NewReader("x")); err != nil {
		t.Error(err)
	}

	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	granted := true
	role := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !granted {
			w.WriteHeader(404)
			return
		}
		fmt.Fprintf(w, `{"AccessKeyId":"access","SecretAccessKey":"hidden","Token":"session","Expiration":"2100-01-01T00:00:00Z"}`)
	}))
	t.Cleanup(role.Close)
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", role.URL)
	if _, err := open(t, where).PutAs(t.Context(), "b", strings.NewReader("x")); err != nil {
		t.Error(err)
	}
	granted = false
	if _, err := open(t, where).PutAs(t.Context(), "c", strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("without secrets: %v", err)
	}
}
