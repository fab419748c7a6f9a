package admission

import (
	"context"
	"time"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// mailFor is how long a message to an applicant is worth sending.
const mailFor = 14 * 24 * time.Hour

// mail queues a message to an applicant, in their language. Its words are admission.mail.KEY.subject and .text.
func (room *Room) mail(tx *store.Tx, a *application.Application, key string, pairs ...any) error {
	if a.Email == "" {
		return nil
	}
	lang := known(a.Lang)
	pairs = append(pairs, "Operator", room.o.Operator, "Address", room.o.Address()+"/"+string(lang))
	text := room.text(lang, "admission.mail."+key+".text", pairs...)
	if a.Sample {
		text = room.text(lang, "admission.sample") + "\n\n" + text
	}
	return room.o.Mail.Queue(tx, room.o.Org, party.Message{
		To: a.Email, Lang: lang, Subject: room.text(lang, "admission.mail."+key+".subject", pairs...), Text: text,
		Until: room.o.Clock().Add(mailFor),
	})
}

func (room *Room) text(lang locale.Lang, key string, pairs ...any) string {
	return room.o.Catalogues.Text(lang, key, pairs...)
}

// known is a language that the program speaks.
func known(lang locale.Lang) locale.Lang {
	if lang.Known() {
		return lang
	}
	return locale.English
}

func langOf(ctx context.Context) locale.Lang { return locale.Of(ctx) }
