package web

import (
	"errors"
	"io"
	"net/http"

	"countersign/api"
	"countersign/portal"
)

// Download answers with a file of an operation, as the API does.
func Download[I any](r *Request, op *api.Operation[I, api.FileOutput], in *I) error {
	file, err := op.Do(r.Context(), in)
	if err != nil {
		return err
	}
	r.fileHeaders(file.FileHeaders)
	r.gin.Data(http.StatusOK, file.ContentType, file.Body)
	return nil
}

// DownloadTable answers with all of a list, as the API does.
func DownloadTable[I any](r *Request, op *api.Operation[I, api.TableOutput], in *I) error {
	file, err := op.Do(r.Context(), in)
	if err != nil {
		return err
	}
	r.fileHeaders(file.FileHeaders)
	file.Send(r.Writer())
	return nil
}

func (r *Request) fileHeaders(file api.FileHeaders) {
	h := r.Writer().Header()
	h.Set("Content-Type", file.ContentType)
	h.Set("Content-Disposition", file.Disposition)
	h.Set("Cache-Control", file.CacheControl)
	h.Set("X-Content-Type-Options", file.Sniffing)
}

// maxUpload is more than the largest file that an operation takes: it says itself that one is too large.
const maxUpload = 2 << 20

// Upload reads the posted file called name; empty if none was chosen.
func (r *Request) Upload(name string) ([]byte, error) {
	request := r.HTTP()
	request.Body = http.MaxBytesReader(r.Writer(), request.Body, maxUpload)
	parts, err := request.MultipartReader()
	if err != nil {
		return nil, portal.Invalid("This form can't be read.")
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, portal.Invalid("This file is too large, or it didn't arrive whole.", portal.Field(name, "Choose a smaller file."))
		case part.FormName() != name:
			continue
		}
		file, err := io.ReadAll(part)
		if err != nil {
			return nil, portal.Invalid("This file is too large, or it didn't arrive whole.", portal.Field(name, "Choose a smaller file."))
		}
		return file, nil
	}
}
