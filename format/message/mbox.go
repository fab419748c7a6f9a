package message

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Mailbox gives the messages of a mailbox file in their order (RFC 4155; lines that begin with ">From " were quoted by
// whoever wrote it). A message that cannot be read comes with its error, and the next one follows.
func Mailbox(r io.Reader) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		var one bytes.Buffer
		begun, over, blank := false, false, true
		finish := func() bool {
			if !begun {
				return true
			}
			begun = false
			if over {
				return yield(nil, &Problem{Code: TooLarge})
			}
			return yield(Read(&one))
		}
		for {
			line, err := in.ReadSlice('\n')
			long := errors.Is(err, bufio.ErrBufferFull) // the rest of the line follows in the next slice
			if err != nil && !long && !errors.Is(err, io.EOF) {
				yield(nil, fmt.Errorf("reading a mailbox: %w", err))
				return
			}
			if blank && bytes.HasPrefix(line, []byte("From ")) {
				if !finish() {
					return
				}
				one.Reset()
				begun, over = true, false
			} else if len(line) > 0 {
				if !begun {
					yield(nil, &Problem{Code: NoMessage})
					return
				}
				if quoted(line) {
					line = line[1:]
				}
				if over = over || one.Len()+len(line) > MaxBytes; !over {
					one.Write(line)
				}
			}
			blank = !long && len(bytes.TrimSpace(line)) == 0
			if errors.Is(err, io.EOF) {
				finish()
				return
			}
		}
	}
}

// quoted tells whether a line is "From " behind one or more signs of quotation.
func quoted(line []byte) bool {
	rest := bytes.TrimLeft(line, ">")
	return len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From "))
}
