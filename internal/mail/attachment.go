package mail

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"

	"rostrum.example/internal/store"
)

// Attachment is a file that goes with a message: a letter, a calendar. What it holds is as private as the message.
type Attachment struct {
	// Name is the file's, one line without slashes.
	Name string
	// Type is its media type, such as "application/pdf".
	Type string
	Body []byte
}

// The bounds of a message's attachments: mail servers take about ten million bytes, and base64 adds a third.
const (
	maxAttachments = 10
	maxAttached    = 5 << 20 // bytes, all together
	maxFileName    = 120     // characters
)

func checkAttachments(all []Attachment) error {
	if len(all) > maxAttachments {
		return fmt.Errorf("there are %d attachments, %d are possible", len(all), maxAttachments)
	}
	size := 0
	for _, a := range all {
		if a.Name == "" || !isLine(a.Name, maxFileName) || strings.ContainsAny(a.Name, `/\`) {
			return errors.New("an attachment's name is not a file's")
		}
		if t, _, err := mime.ParseMediaType(a.Type); err != nil || !strings.Contains(t, "/") {
			return errors.New("an attachment's type is not a media type")
		}
		if size += len(a.Body); size > maxAttached {
			return fmt.Errorf("the attachments are larger than %d bytes", maxAttached)
		}
	}
	return nil
}

const (
	insertAttachment = `
		insert into mail_attachment (org, mail, position, name, type, body)
		values ($1, $2, $3, $4, $5, $6)`

	selectAttachments = `
		select name, type, body
		from mail_attachment
		where org = $1 and mail = $2
		order by position`
)

func keepAttachments(tx *store.Tx, org store.Org, id string, all []Attachment) error {
	for i, a := range all {
		body := a.Body
		if body == nil {
			body = []byte{}
		}
		if _, err := tx.Exec(insertAttachment, string(org), id, i, a.Name, a.Type, body); err != nil {
			return err
		}
	}
	return nil
}

func attachments(tx *store.Tx, org store.Org, id string) ([]Attachment, error) {
	rows, err := tx.Query(selectAttachments, string(org), id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Attachment
	for rows.Next() {
		var a Attachment
		if err := rows.Scan(&a.Name, &a.Type, &a.Body); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// Attachments gives the files that go with a message, for the outbox page.
func (b *Outbox) Attachments(ctx context.Context, org store.Org, id string) ([]Attachment, error) {
	var all []Attachment
	err := b.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = attachments(tx, org, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading a message's attachments: %w", err)
	}
	return all, nil
}
