package jsonschema

import "testing"

func TestValidate(t *testing.T) {
	type inner struct {
		Addr string `json:"addr" doc:"hexadecimal"`
	}
	type outer struct {
		Type string         `json:"type" const:"x"`
		N    uint32         `json:"n,omitempty"`
		F    float64        `json:"f,omitempty"`
		List []inner        `json:"list,omitempty"`
		Any  map[string]any `json:"any,omitempty"`
		B    bool           `json:"b,omitempty"`
	}
	s := Of(outer{}, "test")
	for text, good := range map[string]bool{
		`{"type":"x"}`: true,
		`{"type":"x","n":3,"f":1.5,"list":[{"addr":"0x1f"}],"any":{"k":[1]},"b":true}`: true,
		`{"type":"y"}`: false, `{}`: false, `{"type":"x","other":1}`: false, `{"type":"x","n":-1}`: false, `{"type":"x","n":1.5}`: false,
		`{"type":"x","n":"1"}`: false, `{"type":"x","list":[{"addr":"1f"}]}`: false, `{"type":"x","list":{}}`: false, `{"type":"x","b":1}`: false,
		`{"type":"x"`: false, `{"type":"x"}{}`: false, `{"type":"x","f":"a"}`: false, `{"type":"x","any":3}`: false,
	} {
		if err := s.Validate([]byte(text)); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}
