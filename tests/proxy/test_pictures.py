"""What is a picture, and what only says so."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.pictures import picture_type

ICON = b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0"
BITMAP = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"
AVIF = b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", id="JPEG"),
        pytest.param(b"GIF87a\1\0\1\0", "image/gif", id="an old GIF"),
        pytest.param(b"GIF89a\1\0\1\0", "image/gif", id="GIF"),
        pytest.param(b"RIFF\x0a\n\0\0WEBPVP8 ", "image/webp", id="WebP"),
        pytest.param(ICON, "image/x-icon", id="ICO"),
        pytest.param(BITMAP, "image/bmp", id="BMP"),
        pytest.param(AVIF, "image/avif", id="AVIF"),
        pytest.param(
            b"\0\0\0\x1cftypmif1\0\0\0\0mif1avismiaf", "image/avif", id="AVIF by another brand"
        ),
        pytest.param(SVG, "image/svg+xml", id="SVG"),
        pytest.param(
            b"\xef\xbb\xbf \r\n<?xml version='1.0'?><!-- <html> --><!DOCTYPE svg PUBLIC 'x' 'y'"
            b" [<!ENTITY a 'b'>]>\n<svg:svg xmlns:svg='x'>",
            "image/svg+xml",
            id="SVG with all that may come before",
        ),
        pytest.param(b"<!-- by hand -->" + SVG, "image/svg+xml", id="SVG behind a comment"),
    ],
)
def test_pictures(data: bytes, kind: str) -> None:
    """They begin as such a picture does."""
    assert picture_type(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<!DOCTYPE html><html><svg></svg></html>", id="a page"),
        pytest.param(b"<!-- <svg> --><html>", id="a page with a picture in a comment"),
        pytest.param(b"<!-- <svg>", id="a comment without end"),
        pytest.param(b"<svgx>", id="another element"),
        pytest.param(b"<Svg>", id="no XML"),
        pytest.param(b"alert(1)//<svg>", id="a script"),
        pytest.param(b"<!--" + b" " * 9000 + b"-->" + SVG, id="one that begins too late"),
        pytest.param(b"BMW is a make of cars, and this is text", id="text that begins as a BMP"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", id="a sound"),
        pytest.param(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", id="a film"),
        pytest.param(b"\0\0\1\xba\x44\0\4\0\4\1", id="a film of another kind"),
        pytest.param(b"%PDF-1.7", id="a document"),
        pytest.param(b"\x1f\x8b\x08\0", id="something packed"),
        pytest.param(b"\x89PNG", id="the beginning of one"),
    ],
)
def test_what_is_no_picture(data: bytes) -> None:
    """Whatever it was called."""
    assert picture_type(data) == ""


@given(st.binary())
def test_any_bytes_are_a_picture_or_none(data: bytes) -> None:
    """Nothing else happens, and what it begins with decides."""
    assert picture_type(SVG + data) == "image/svg+xml"
    assert picture_type(b"no" + data) == ""
