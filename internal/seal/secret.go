package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Secret is an answer: any JSON value but null. However it is printed, logged or encoded, it comes out as
// "[sealed]"; only Reveal gives it.
type Secret struct {
	text *string // a pointer to a string does not print even as an unexported field of somebody else's struct
}

const redactedSecret = "[sealed]"

// NewSecret keeps v, in the form that encoding/json gives it. The error does not repeat v.
func NewSecret(v any) (Secret, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return Secret{}, errors.New("keeping an answer: it is not a JSON value")
	}
	text := string(bytes.TrimSpace(b.Bytes()))
	if text == "null" {
		return Secret{}, errors.New("keeping an answer: there is none")
	}
	return Secret{&text}, nil
}

// Reveal gives the answer as JSON, to whoever may see it; nil for the zero Secret.
func (s Secret) Reveal() json.RawMessage {
	if s.text == nil {
		return nil
	}
	return json.RawMessage(*s.text)
}

func (Secret) LogValue() slog.Value         { return slog.StringValue(redactedSecret) }
func (Secret) Format(f fmt.State, _ rune)   { io.WriteString(f, redactedSecret) }
func (Secret) String() string               { return redactedSecret }
func (Secret) MarshalText() ([]byte, error) { return []byte(redactedSecret), nil }
