package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"crypto/rand"

	"rostrum.example/internal/job"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestAttachmentsArriveAsWritten(t *testing.T) {
	letter := Attachment{Name: "رسالة قبول.docx", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Body: bytes.Repeat([]byte{0, 'P', 'K', 255, '\r', '\n', '.'}, 500)}
	e := samples(t)["arabic"]
	e.Attachments = []Attachment{letter, {Name: "empty.txt", Type: "text/plain"}}
	m, err := mail.ReadMessage(bytes.NewReader(wire(t, e)))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	var names []string
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil {
			t.Fatal(err)
		}
		if p.FileName() == "" {
			if !strings.Contains(string(body), "الخطوات التالية") {
				t.Errorf("the text is %q", body)
			}
			continue
		}
		name, err := new(mime.WordDecoder).DecodeHeader(p.FileName())
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		if name == letter.Name && !bytes.Equal(body, letter.Body) {
			t.Error("the letter has changed on its way")
		}
	}
	if strings.Join(names, ", ") != letter.Name+", empty.txt" {
		t.Errorf("the attachments are %q", names)
	}
}

func TestAttachmentCheck(t *testing.T) {
	for name, all := range map[string][]Attachment{
		"a path":    {{Name: "../letter.docx", Type: "text/plain"}},
		"no name":   {{Type: "text/plain"}},
		"two lines": {{Name: "a\r\nBcc: x", Type: "text/plain"}},
		"no type":   {{Name: "a", Type: "letter"}},
		"too large": {{Name: "a", Type: "text/plain", Body: make([]byte, maxAttached)}, {Name: "b", Type: "text/plain", Body: []byte("x")}},
		"too many":  make([]Attachment, maxAttachments+1),
	} {
		if err := checkAttachments(all); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestAttachmentsGoWithTheMessage holds that no file outlives the message that it belongs to.
func TestAttachmentsGoWithTheMessage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := start
		b := New(Options{DB: db, Jobs: job.NewQueue(rand.Reader), Now: func() time.Time { return now }, Random: rand.Reader})
		m := samples(t)["english"].Message
		m.Erases = start.Add(time.Hour)
		m.Attachments = []Attachment{{Name: "letter.txt", Type: "text/plain", Body: []byte("Dear sample")}}
		queue := func() (id string) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
				id, err = b.Queue(tx, "here", m)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		left := func() (n int) {
			t.Helper()
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				return tx.QueryRow("select count(*) from mail_attachment").Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		id := queue()
		e, err := b.Message(t.Context(), "here", id)
		if err != nil || len(e.Attachments) != 1 || string(e.Attachments[0].Body) != "Dear sample" {
			t.Fatalf("the message has the attachments %v, %v", e.Attachments, err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := b.Forget(tx, "here", m.To)
			return err
		})
		if err != nil || left() != 0 {
			t.Errorf("after forgetting the address %d attachments are left, %v", left(), err)
		}
		queue()
		if _, err := b.Erase(t.Context(), start.Add(2*time.Hour)); err != nil || left() != 0 {
			t.Errorf("after the erasure %d attachments are left, %v", left(), err)
		}
	})
}
