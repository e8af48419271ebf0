"""What a viewer of HLS reads out of a playlist."""

from benchmarks.playlist import Playlist

TEXT = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=2.00000
#EXT-X-PART-INF:PART-TARGET=0.50000
#EXT-X-MEDIA-SEQUENCE:3
#EXTINF:2.00000,
3.ts
#EXTINF:2.00000,
4.ts
#EXT-X-PART:DURATION=1.00000,URI="5.0.ts",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.00000,URI="5.1.ts"
#EXTINF:2.00000,
5.ts
#EXT-X-PART:DURATION=0.50000,URI="6.0.ts",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="6.1.ts"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="6.2.ts"
"""


def test_player_of_parts() -> None:
    """It begins at an independent part behind the live edge, and waits for the one to come."""
    playlist = Playlist.parse(TEXT, parts=True)
    assert [piece.name for piece in playlist.pieces] == ["5.0.ts", "5.1.ts", "6.0.ts", "6.1.ts"]
    assert playlist.hold_back == 2.0
    assert playlist.pieces[playlist.start].name == "5.0.ts"
    assert playlist.next == (6, 2)


def test_player_of_segments() -> None:
    """It begins three target durations before the end, and knows nothing of parts."""
    playlist = Playlist.parse(TEXT, parts=False)
    assert [piece.name for piece in playlist.pieces] == ["3.ts", "4.ts", "5.ts"]
    assert playlist.target_duration == 2.0
    assert playlist.pieces[playlist.start].name == "3.ts"


def test_short_playlist_is_played_from_its_beginning() -> None:
    """Nothing is as far behind as a player wants to be."""
    playlist = Playlist.parse(TEXT.replace("HOLD-BACK=2", "HOLD-BACK=9"), parts=True)
    assert playlist.start == 0
